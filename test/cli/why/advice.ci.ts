import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Shell } from '../../../src/diagnose/advice/shell.ts';
import { stopSteps } from '../../../src/diagnose/advice/stop.ts';
import { originsOf } from '../../../src/diagnose/origin.ts';
import { factsOf } from '../../../src/diagnose/process-facts.ts';
import { readProcessTable } from '../../../src/diagnose/process-files.ts';
import { harmless, pasteableCommand } from '../../../src/foreign.ts';
import { thisMachine } from '../../../src/lab/hosts/host.ts';
import { whyUnmet } from '../../../src/scenario/needs.ts';
import {
  commandsOf,
  connected,
  folder,
  listener,
  paste,
  shells,
  start,
  whyDocument as why,
} from '../../support/advice.ts';
import { programPath } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';

const withChild = (port: number) => `
  const server = require('net').createServer().listen(${port}, '127.0.0.1', () => {
    require('child_process').spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] })
      .once('spawn', () => console.log('up'));
  });`;

describe.each(shells)('pasted into %s, the first remedy frees the port', (shell) => {
  async function helps(port: number, args: readonly string[] = []): Promise<string> {
    const [command = ''] = commandsOf(await why(port, args));
    expect(paste(command, shell)).toMatchObject({ status: 0, stderr: '' });
    expect((await why(port, ['--wait', '20s'])).verdict).toBe('free');
    return command;
  }

  test('of a listener: kill', async () => {
    const port = somePort();
    const { pid } = await start(listener(port));
    expect(await helps(port)).toBe(`kill ${pid}`);
  });

  test('of a listener that a child has as well: kill both', async () => {
    const port = somePort();
    await start([process.execPath, '-e', withChild(port)]);
    expect(await helps(port)).toMatch(/^kill \d+ \d+$/);
  });

  test('of a listener that is stopped: kill, and continue it', async () => {
    const port = somePort();
    const child = await start(listener(port));
    child.kill('SIGSTOP');
    expect(await helps(port)).toBe(`kill ${child.pid} && kill -CONT ${child.pid}`);
  });

  test('of a listener that a debugger holds: SIGKILL', async () => {
    const port = somePort();
    const script = `import ctypes, os, socket, sys
s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(('127.0.0.1', ${port})); s.listen()
pid = os.fork()
if pid == 0: sys.stdin.read()
s.close()
ATTACH = 16
if ctypes.CDLL(None).ptrace(ATTACH, pid, 0, 0) != 0: sys.exit('ptrace is refused')
os.waitpid(pid, 0); print(pid, flush=True); os.waitpid(pid, 0)`;
    await start(['python3', '-c', script]);
    expect((await why(port)).steps[0]?.text).toContain('a debugger holds it');
    expect(await helps(port)).toMatch(/^kill -KILL \d+$/);
  });

  // What makes the end of a process long cannot be had at will: its advice is tried on one that ends later.
  test('for a process that is ending: wait for it', async () => {
    const port = somePort();
    const { pid = 0 } = await start(listener(port));
    const program = [process.execPath, programPath];
    const tcpclose = { own: program, root: program };
    const asking = new Shell({ wrap: (words) => words, uid: 0, tcpclose, on: [] });
    const facts = factsOf(pid, harmless('node'), await readProcessTable(thisMachine, [pid]));
    const [step] = stopSteps([{ ...facts, condition: 'ending' }], port, asking);
    expect(step?.text).toContain('is ending, and then releases the port: wait for it');
    expect(step?.command).toContain(` why ${port} --wait`);
    const pasted = paste(`(sleep 1; kill ${pid}) & ${step?.command}`, shell);
    expect(pasted).toMatchObject({ status: 0, stderr: '' });
    expect(pasted.stdout).toContain(`${port} is free`);
  });

  test('of a listener that ignores SIGTERM: SIGKILL', async () => {
    const port = somePort();
    const script = `import signal, socket, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
s = socket.socket(); s.bind(('127.0.0.1', ${port})); s.listen(); print('up', flush=True); sys.stdin.read()`;
    const { pid } = await start(['python3', '-c', script]);
    expect(await helps(port)).toBe(`kill -KILL ${pid}`);
  });

  test('behind a launcher that starts words as they are', async () => {
    const port = somePort();
    const { pid } = await start(listener(port));
    expect(await helps(port, ['--on', 'env A=1'])).toBe(`env A=1 kill ${pid}`);
  });

  test('behind a launcher that gives them to a shell, as ssh does', async () => {
    const port = somePort();
    await start(listener(port));
    const command = await helps(port, ['--on', `sh -c 'eval "$*"' sh`]);
    expect(command).toContain('eval');
  });

  test('of a connection without a listener: kill', async () => {
    const port = somePort();
    const script = `
      const net = require('net');
      const server = net.createServer(() => { server.close(); console.log('up'); });
      server.listen(${port}, '127.0.0.1', () => net.connect(${port}, '127.0.0.1'));`;
    await start([process.execPath, '-e', script]);
    const command = commandsOf(await why(port))[0] ?? '';
    expect(paste(command, shell).status).toBe(0);
    // The connection ends with the process, and what the kernel keeps of it is another matter.
    const { holders } = await why(port);
    expect(holders.flatMap(({ pids }) => pids)).toEqual([]);
  });

  test("of a client's connection: kill", async () => {
    const [port, local] = [somePort(), somePort()];
    const { pid } = await start(connected(port, local));
    const command = commandsOf(await why(local))[0] ?? '';
    expect(command).toBe(`kill ${pid}`);
    expect(paste(command, shell).status).toBe(0);
    expect((await why(local)).holders.flatMap(({ pids }) => pids)).toEqual([]);
  });
});

const noNamespace = await whyUnmet('namespace');

describe('a holder that only others know', () => {
  /** Its arguments, one a line, are what it prints. */
  function played(program: string): void {
    writeFileSync(join(folder, program), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  }

  test.each(shells)('a port that Docker publishes: docker ps, pasted into %s', async (shell) => {
    const port = somePort();
    const [node = '', ...args] = listener(port);
    await start(['bash', '-c', 'exec -a docker-proxy "$@"', 'bash', node, ...args]);
    const [command = ''] = commandsOf(await why(port));
    played('docker');
    expect(paste(command, shell).stdout).toBe(`ps\n--filter\npublish=${port}\n`);
    rmSync(join(folder, 'docker'));
  });

  test.each(shells)('a port that podman publishes without root: podman ps, pasted into %s', async (shell) => {
    const port = somePort();
    const [node = '', ...args] = listener(port);
    await start(['bash', '-c', 'exec -a rootlessport "$@"', 'bash', node, ...args]);
    const [command = ''] = commandsOf(await why(port));
    played('podman');
    expect(paste(command, shell).stdout).toBe('ps\n--format\n{{.Names}} {{.Ports}}\n');
    rmSync(join(folder, 'podman'));
  });

  test.each(shells)(
    'pid 1 is systemd: systemctl list-sockets, pasted into %s',
    unless(noNamespace),
    async (shell) => {
      const port = somePort();
      const asks = `require('child_process').execFileSync(process.execPath, ['${programPath}', 'why', '${port}', '--json'])`;
      const first = `require('net').createServer().listen(${port}, '127.0.0.1', () => {
      try { ${asks} } catch (error) { console.log(String(error.stdout)); process.exit(); }
    })`;
      const own = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
      const init = ['bash', '-c', 'exec -a /sbin/init "$0" -e "$1"', process.execPath, first];
      const [program = '', ...args] = [...own, ...init];
      const document = JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
      expect(document.steps[0].text).toContain('systemd (pid 1) has it for a .socket unit');
      played('systemctl');
      expect(paste(document.steps[0].command, shell).stdout).toBe('list-sockets\n');
      rmSync(join(folder, 'systemctl'));
    },
  );
});

/** What is not installed here is played by a program that tells its arguments. */
describe('the command that stops a server at its origin contains the unchanged name', () => {
  const id = '0123456789abcdef'.repeat(4);
  test.each([
    ['0::/system.slice/nginx.service', ['systemctl', 'stop', 'nginx.service']],
    ['0::/system.slice/my\\x2dshop.service', ['systemctl', 'stop', 'my\\x2dshop.service']],
    ["0::/system.slice/a b;$(id>&2)'`x`.service", ['systemctl', 'stop', "a b;$(id>&2)'`x`.service"]],
    ['0::/system.slice/x\u001b[2J\u202e.service', ['systemctl', 'stop', 'x\u001b[2J\u202e.service']],
    [
      '0::/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service',
      ['systemctl', '--user', 'stop', 'shop.service'],
    ],
    [`0::/system.slice/docker-${id}.scope`, ['docker', 'stop', '0123456789ab']],
    [`0::/machine.slice/libpod-${id}.scope/container`, ['podman', 'stop', '0123456789ab']],
    [`0::/kubepods/besteffort/pod1/${id}`, ['crictl', 'stop', '0123456789ab']],
    ['0::/lxc.payload.web server/init.scope', ['lxc-stop', '-n', 'web server']],
    ['0::/machine.slice/machine-my\\x2dbox.scope', ['machinectl', 'poweroff', 'my-box']],
  ])('%j', (cgroup, expected) => {
    const files = { stat: '', status: '', cmdline: '', environ: '', cgroup: `${cgroup}\n` };
    const [origin] = originsOf(files, [], new Set());
    const command = pasteableCommand(origin?.stop ?? []);
    const [program = ''] = expected;
    writeFileSync(join(folder, program), `#!/bin/sh\nprintf '%s\\0' ${program} "$@"\n`, { mode: 0o755 });
    for (const shell of shells) {
      const { stdout, stderr } = paste(command, shell);
      expect([stdout, stderr]).toEqual([expected.map((word) => `${word}\0`).join(''), '']);
    }
    rmSync(join(folder, program));
  });
});

test('every advised command is tried here', () => {
  const source = readdirSync('src/diagnose/advice', { encoding: 'utf8' })
    .filter((file) => file !== 'shell.ts')
    .map((file) => readFileSync(join('src/diagnose/advice', file), 'utf8'))
    .join('');
  const made = source.match(/shell\s*\.(?:command|tcpclose\w*)\(/g) ?? [];
  // kill; kill and continue; a manager's stop; docker ps; podman ps; systemctl list-sockets; ss -K; sysctl twice; --wait twice; as root; nsenter.
  // targets.ci.ts: ls twice; mkdir; rm; as root twice. troubles.ci.ts, troubles-network.ci.ts: watch three times; kill -CONT; head; nft twice;
  // sysctl twice; ssh. kill-managers.ci.ts: pm2 list. test/diagnose/mptcp.test.ts: ss -K.
  expect(made).toHaveLength(31);
  // What looks like a command in a text would be pasted, too.
  expect(source).not.toMatch(/'[^'\n]*\b(?:sudo|kill -?\d|sysctl -w)\b[^'\n]* [^'\n]*'(?!\])/);
});
