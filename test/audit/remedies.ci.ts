/** More findings that are provoked, with the commands that they advise, which are run as they are printed. */
import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import type { Finding } from '../support/audits.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  /** Runs the command of the first step whose text contains this. */
  async function follow({ steps }: Finding, text: string): Promise<void> {
    const command = steps.find((step) => step.text.includes(text))?.command;
    if (command == null) throw new Error(`no command for "${text}" in ${JSON.stringify(steps)}`);
    await network.run('sh', '-c', command);
  }

  /** The code for Python of the first step whose text contains this, as it is printed, up to its first semicolon. */
  function codeOf({ steps }: Finding, text: string): string {
    const code = steps.find((step) => step.text.includes(text))?.code?.['Python'];
    if (code == null) throw new Error(`no code for "${text}" in ${JSON.stringify(steps)}`);
    return code.split(';')[0] ?? '';
  }

  describe('of a server for both families', () => {
    const families = [
      ['127.0.0.1', '::ffff:127.0.0.1'],
      ['::1', '::1'],
    ] as const;

    test.each(families)(
      'a leak of connections to %s is that of the server, until it is ended',
      async (address) => {
        const [server, client] = [network.actor(), network.actor()];
        const port = await server.does(
          "s = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True); r = s.getsockname()[1]",
        );
        await client.does(`c = [socket.create_connection(('${address}', ${port})) for _ in range(3)]`);
        await server.does('a = [s.accept()[0] for _ in range(3)]');
        const from = Date.now();
        await client.does('for x in c: x.close()');
        const to = Date.now();
        await server.does('[x.recv(1) for x in a]');
        const { wrong, finding, ageOf } = await network.audit();
        expect(wrong).toEqual(['close-wait']);
        const found = finding('close-wait');
        expect(found).toMatchObject({
          count: 3,
          fault: { side: 'this side', processes: [{ pid: server.pid }] },
        });
        expect(found.what).toContain(`port ${port} from ${address}`);
        expect(found.since?.oldestMs).toBeGreaterThan(ageOf(to) - 500);
        expect(found.since?.oldestMs).toBeLessThan(ageOf(from) + 500);
        await follow(found, 'end it');
        await until('the end of the server', async () => (await network.audit()).wrong.length === 0);
      },
    );

    test.each(families)(
      'the advised command drops the unacknowledged end of a connection to %s',
      unless(missing('nft')),
      async (address, shown) => {
        const [server, client] = [network.actor(), network.actor()];
        const port = await server.does(
          "s = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True); r = s.getsockname()[1]",
        );
        await client.does(`c = socket.create_connection(('${address}', ${port}))`);
        expect(await server.does('a, name = s.accept(); r = name[0]')).toBe(shown);
        await network.run(
          'nft',
          `add table inet lost; add chain inet lost in { type filter hook input priority 0; }; add rule inet lost in tcp sport ${port} drop`,
        );
        await server.does('a.close()');
        await new Promise((resolve) => setTimeout(resolve, 1300));
        const { wrong, finding } = await network.audit();
        expect(wrong).toEqual(['unfinished']);
        expect(finding('unfinished').fault).toMatchObject({ side: 'the network', processes: [] });
        await follow(finding('unfinished'), 'drop the oldest');
        expect((await network.audit('--port', String(port))).wrong).toEqual([]);
        await network.run('nft', 'delete table inet lost');
      },
    );
  });

  test(
    'CLOSING that stays is the fault of the network, and is dropped by the advised command',
    unless(missing('nft')),
    async () => {
      const { server, client, port } = await network.pair(1);
      // What the server sends is lost, and what the client sends arrives: both close.
      await network.run(
        'nft',
        `add table ip lost; add chain ip lost in { type filter hook input priority 0; }; add rule ip lost in tcp sport ${port} drop`,
      );
      const from = Date.now();
      await server.does('a[0].close()');
      await client.does('c[0].close()');
      const to = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 1300));
      const { wrong, document, ageOf } = await network.audit();
      expect(wrong).toEqual(['unfinished', 'unfinished']);
      const found = document.findings.filter(({ kind }) => kind === 'unfinished');
      expect(found.map(({ what }) => /in (\w+) without a process/.exec(what)?.[1]).sort()).toEqual([
        'CLOSING',
        'FIN_WAIT1',
      ]);
      for (const one of found) {
        expect(one.fault).toMatchObject({ side: 'the network', processes: [] });
        expect(one.since?.oldestMs).toBeGreaterThan(ageOf(to) - 500);
        expect(one.since?.oldestMs).toBeLessThan(ageOf(from) + 500);
        await follow(one, 'drop the oldest');
      }
      expect((await network.audit()).wrong).toEqual([]);
      await network.run('nft', 'delete table ip lost');
    },
  );

  test('a stopped process is continued, an inherited listener ended, and one of two that share a port, as advised', async () => {
    const { server: stopped, client, port } = await network.pair(1);
    stopped.child.kill('SIGSTOP');
    await client.does(`c.append(socket.create_connection(('127.0.0.1', ${port})))`);
    const [keeper, other] = [network.actor(), network.actor()];
    const inherited = await keeper.does(
      's = socket.create_server(("127.0.0.1", 0)); p = s.getsockname()[1]; s.set_inheritable(True); import subprocess; child = subprocess.Popen(["sleep", "600"], close_fds=False); s.close(); r = p',
    );
    await other.does(`c = socket.create_connection(('127.0.0.1', ${inherited}))`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { document } = await network.audit();
    const queues = document.findings.filter(({ kind }) => kind === 'accept-queue');
    expect(queues.map(({ fault }) => fault.processes[0]?.pid).sort()).toEqual(
      [stopped.pid, await keeper.does('r = child.pid')].sort(),
    );
    for (const queue of queues) await follow(queue, queue.steps[0]?.text ?? '');
    await keeper.does('child.wait()');
    await stopped.does('a.append(s.accept()[0])');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test(
    'half-open connections beyond the backlog count for the named listener, and later ones do not',
    unless(missing('nft')),
    async () => {
      const [server, client] = [network.actor(), network.actor()];
      const port = await server.does(
        "s = socket.create_server(('127.0.0.1', 0), backlog=2); r = s.getsockname()[1]",
      );
      await network.run(
        'nft',
        `add table ip lost; add chain ip lost in { type filter hook input priority 0; }; add rule ip lost in tcp sport ${port} drop`,
      );
      await client.does(
        `c = []\nfor _ in range(8):\n  x = socket.socket(); x.setblocking(False); x.connect_ex(('127.0.0.1', ${port})); c.append(x)`,
      );
      const { wrong, finding } = await network.audit('--for', '2500ms');
      expect(wrong).toEqual(['overflows']);
      const { what, fault } = finding('overflows');
      expect(what).toMatch(/half-open connections was full: \d+ SYN cookies sent/);
      expect(fault.processes).toMatchObject([{ pid: server.pid }]);
      expect(fault.because).toContain(`127.0.0.1:${port} has 3 half-open connections, most from 127.0.0.1`);
      await client.does('for x in c: x.close()');
      // The same clients once more: the code that is printed is enough.
      await server.does(`sock = s; ${codeOf(finding('overflows'), 'greater backlog')}`);
      await client.does(
        `c = []\nfor _ in range(8):\n  x = socket.socket(); x.setblocking(False); x.connect_ex(('127.0.0.1', ${port})); c.append(x)`,
      );
      expect((await network.audit('--for', '2500ms')).wrong).toEqual([]);
      await client.does('for x in c: x.close()');
      await network.run('nft', 'delete table ip lost');
    },
  );

  test('an accept queue overflows no more with the limit and the backlog that are printed', async () => {
    await network.setting('net.core.somaxconn', 1);
    const [server, client] = [network.actor(), network.actor()];
    const port = await server.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    const burst = `c = []\nfor _ in range(8):\n  x = socket.socket(); x.setblocking(False); x.connect_ex(('127.0.0.1', ${port})); c.append(x)`;
    await client.does(burst);
    const full = await network.audit('--for', '2500ms', '--accept-age', '10min');
    expect(full.wrong).toContain('overflows');
    await client.does('for x in c: x.close()');
    await server.does('s.setblocking(False)\ntry:\n  while True: s.accept()\nexcept BlockingIOError: pass');
    await follow(full.finding('overflows'), 'net.core.somaxconn');
    await server.does(`sock = s; ${codeOf(full.finding('overflows'), 'greater backlog')}`);
    await client.does(burst);
    expect((await network.audit('--for', '2500ms', '--accept-age', '10min')).wrong).toEqual([]);
  });

  test('of two programs on one port, the advised command ends the unwanted one', async () => {
    const [one, other] = [network.actor('one'), network.actor('other')];
    const port = await one.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    await other.does(`s = socket.create_server(('::1', ${port}), family=socket.AF_INET6)`);
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['shadowed']);
    await follow(finding('shadowed'), `if pid ${other.pid} `);
    await until('its end', async () => (await network.audit()).wrong.length === 0);
    expect(await one.does('r = s.getsockname()[1]')).toBe(port);
  });

  test('a service on all addresses listens only on loopback with the printed code', async () => {
    const server = network.actor();
    await server.does("s = socket.create_server(('0.0.0.0', 6379))");
    const { finding } = await network.audit();
    expect(finding('all-addresses').steps[0]?.text).toContain('Redis: bind 127.0.0.1 -::1 in redis.conf');
    await server.does(
      `s.close(); port = 6379; sock = socket.socket(); ${codeOf(finding('all-addresses'), 'loopback')}; sock.listen()`,
    );
    expect((await network.audit()).kinds).not.toContain('all-addresses');
  });

  test('TIME_WAITs at their limit are far from it after the advised command', async () => {
    const program = network.actor();
    const port = await program.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    await network.setting('net.ipv4.tcp_max_tw_buckets', 64);
    await program.does(
      `for i in range(60):\n  x = socket.create_connection(('127.0.0.1', ${port}))\n  y = s.accept()[0]\n  x.close(); y.recv(1); y.close()`,
    );
    const near = await network.audit();
    expect(near.wrong).toEqual(['time-waits']);
    await follow(near.finding('time-waits'), 'raise the limit');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('connections that are reset as soon as a queue is full are a note, until the setting is switched off as advised', async () => {
    await network.setting('net.ipv4.tcp_abort_on_overflow', 1);
    const { status, finding } = await network.audit();
    expect(status).toBe(0);
    expect(finding('settings').what).toContain('tcp_abort_on_overflow is 1');
    await follow(finding('settings'), 'switch it off');
    expect((await network.audit()).kinds).not.toContain('settings');
  });
});
