/** Listeners that nobody waits for, before any client comes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  const listen = "s = socket.create_server(('127.0.0.1', 0)); port = s.getsockname()[1]; r = port";

  test('a listener inherited by a program that cannot accept is wrong, and the advised command frees it', async () => {
    const server = network.actor();
    const port = await server.does(
      `${listen}; s.set_inheritable(True); import subprocess; child = subprocess.Popen(["sleep", "600"], close_fds=False); s.close(); r = port`,
    );
    const child = Number(await server.does('r = child.pid'));
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['accept-queue']);
    const { what, fault, steps } = finding('accept-queue');
    expect(what).toBe(`no process waits for connections to 127.0.0.1:${port}`);
    expect(fault).toMatchObject({ side: 'this side', processes: [{ pid: child }] });
    expect(fault.because).toContain('its program cannot accept()');
    await network.run('sh', '-c', steps[0]?.command ?? '');
    await server.does('child.wait()');
    expect((await network.audit()).kinds).not.toContain('accept-queue');
    await server.does(`s = socket.create_server(('127.0.0.1', ${port}))`);
  });

  test('one is wrong as well if what has inherited it polls for something else', async () => {
    const server = network.actor();
    const port = await server.does(
      `${listen}; s.set_inheritable(True); import subprocess; child = subprocess.Popen(["tail", "-f", "/etc/passwd"], close_fds=False, stdout=subprocess.DEVNULL); s.close(); r = port`,
    );
    for (const span of ['0', '1s']) {
      const { what, fault } = (await network.audit('--for', span)).finding('accept-queue');
      expect(what).toBe(`no process waits for connections to 127.0.0.1:${port}`);
      expect(fault.because).toContain('its program cannot accept()');
    }
    await server.does('child.kill(); child.wait()');
  });

  test('one of a stopped server is wrong until it is continued as advised', async () => {
    const server = network.actor();
    await server.does(`${listen}\nimport threading; threading.Thread(target=s.accept, daemon=True).start()`);
    server.child.kill('SIGSTOP');
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['accept-queue']);
    expect(finding('accept-queue').fault).toMatchObject({ processes: [{ pid: server.pid }] });
    expect(finding('accept-queue').fault.because).toContain('is stopped');
    await network.run('sh', '-c', finding('accept-queue').steps[0]?.command ?? '');
    expect((await network.audit()).kinds).not.toContain('accept-queue');
  });

  /** The listener in a process of its own, which sleeps when it has done that, and ends with the actor. */
  const sleeper = (code: string) =>
    `${listen}\nimport ctypes, select, signal, threading\ndie = lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL)\npid = os.fork()\nif pid == 0:\n  die()\n  ${code.replaceAll('\n', '\n  ')}\n  time.sleep(600)\ns.close(); r = pid`;

  test.each([
    ['one reading', '0'],
    ['two readings', '1s'],
  ])('one of a program that waits for something else now is a note: %s', async (_, span) => {
    const pid = await network.actor().does(sleeper('pass'));
    const { status, finding } = await network.audit('--for', span);
    expect(status).toBe(0);
    expect(finding('accept-queue')).toMatchObject({ severity: 'note', fault: { processes: [{ pid }] } });
    expect(finding('accept-queue').fault.because).toContain('waits for something else');
  });

  const thread = (code: string) => `threading.Thread(target=${code}, daemon=True).start()`;
  const servers = {
    'with a thread in accept()': thread('s.accept'),
    'with an epoll': `e = select.epoll(); e.register(s.fileno(), 1); ${thread('e.poll')}`,
    'with a child in accept(), whose parent waits': 'if os.fork() == 0:\n  die()\n  s.accept()',
    'with more descriptors than are looked through':
      'import resource; limit = resource.RLIMIT_NOFILE; resource.setrlimit(limit, (8192, resource.getrlimit(limit)[1]))\nfor _ in range(4200): os.dup(0)',
    'that polls twice a second':
      's.settimeout(0)\nwhile True:\n  time.sleep(0.2)\n  try: s.accept()\n  except OSError: pass',
    'that sleeps while it serves a connection':
      "c = socket.create_connection(('127.0.0.1', port)); a = s.accept()[0]; a.send(b'x'); c.recv(1)",
  };

  test.each(Object.entries(servers))('a server %s is not mentioned', async (_, code) => {
    const pid = await network.actor().does(sleeper(code));
    await until('its wait', () => /sleep|accept|poll|wait/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8')));
    for (const span of ['0', '1s']) {
      const { kinds } = await network.audit('--accept-age', '10min', '--for', span);
      expect(kinds).not.toContain('accept-queue');
    }
  });
});
