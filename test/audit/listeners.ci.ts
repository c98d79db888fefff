import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { whyNoIptables } from '../support/iptables.ts';
import { isRoot, missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

const whyNoOptions = isRoot ? null : 'the options of another process need root here';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  describe('a listener that does not accept', () => {
    async function waitingClients(): Promise<{
      server: ReturnType<AuditNetwork['actor']>;
      connectedAt: readonly [from: number, to: number];
    }> {
      const [server, client] = [network.actor(), network.actor()];
      const port = await server.does(
        "s = socket.create_server(('127.0.0.1', 0), backlog=5); r = s.getsockname()[1]",
      );
      const from = Date.now();
      await client.does(`c = [socket.create_connection(('127.0.0.1', ${port})) for _ in range(3)]`);
      return { server, connectedAt: [from, Date.now()] };
    }

    test('sleeps elsewhere, is stopped, or is busy: the report distinguishes them', async () => {
      const { server, connectedAt } = await waitingClients();
      const idle = await network.audit();
      expect(idle.wrong).toEqual(['accept-queue']);
      const { fault, since, what } = idle.finding('accept-queue');
      expect(what).toContain('3 connections of at most 6 wait');
      expect(fault).toMatchObject({ side: 'this side', processes: [{ pid: server.pid }] });
      expect(fault.because).toContain('waits for something else');
      // It happened between the request to the client and its answer, which takes its time on a loaded machine.
      expect(since?.oldestMs).toBeGreaterThan(idle.ageOf(connectedAt[1]) - 500);
      expect(since?.oldestMs).toBeLessThan(idle.ageOf(connectedAt[0]) + 500);

      server.child.kill('SIGSTOP');
      const stopped = (await network.audit()).finding('accept-queue');
      expect(stopped.fault.because).toContain('is stopped (SIGSTOP or Ctrl-Z)');
      expect(stopped.steps[0]?.command).toBe(`kill -CONT ${server.pid}`);
      server.child.kill('SIGCONT');

      await server.does(
        'import threading; busy = True\ndef work():\n  while busy: pass\nthreading.Thread(target=work).start()',
      );
      expect((await network.audit()).finding('accept-queue').fault.because).toContain(
        'is busy with something else',
      );
      await server.does('busy = False; a = [s.accept()[0] for _ in range(3)]');
      expect((await network.audit()).wrong).toEqual([]);
    });

    test('was inherited by a child that knows nothing of it', async () => {
      const { server } = await waitingClients();
      await server.does(
        's.set_inheritable(True); import subprocess; child = subprocess.Popen(["sleep", "600"], close_fds=False); s.close()',
      );
      const child = Number(await server.does('r = child.pid'));
      const { wrong, finding } = await network.audit();
      expect(wrong).toEqual(['accept-queue']);
      const { fault, steps } = finding('accept-queue');
      expect(fault.processes).toMatchObject([{ pid: child }]);
      expect(fault.because).toContain('it has inherited it');
      expect(steps[0]?.command).toBe(`kill ${child}`);
      await server.does('child.terminate(); child.wait()');
      expect((await network.audit()).wrong).toEqual([]);
    });
  });

  test('two programs that one port leads to by family are named, and copies of one program are not', async () => {
    const [one, other] = [network.actor('one'), network.actor('other')];
    const port = await one.does("s = socket.create_server(('0.0.0.0', 0)); r = s.getsockname()[1]");
    await other.does(
      `s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.setsockopt(41, 26, 1); s.bind(('::', ${port})); s.listen()`,
    );
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['shadowed']);
    const { fault, what } = finding('shadowed');
    expect(what).toContain(`0.0.0.0:${port} and [::]:${port}`);
    expect(new Set(fault.processes.map(({ pid }) => pid))).toEqual(new Set([one.pid, other.pid]));
    await other.does('s.close()');
    expect((await network.audit()).wrong).toEqual([]);
    await one.does(
      `t = socket.socket(socket.AF_INET6); t.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); t.setsockopt(41, 26, 1); t.bind(('::', ${port})); t.listen()`,
    );
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('programs that do not belong together and share a port are named, with the older one to end', async () => {
    const [one, other] = [network.actor('one'), network.actor('other')];
    const shared =
      "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', NUMBER)); s.listen(); r = s.getsockname()[1]";
    const port = Number(await one.does(shared.replace('NUMBER', '0')));
    await other.does(
      `import ctypes; ctypes.CDLL(None).prctl(15, b'other-program', 0, 0, 0)\n${shared.replace('NUMBER', String(port))}`,
    );
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['shared-port']);
    const { fault, steps } = finding('shared-port');
    expect(new Set(fault.processes.map(({ pid }) => pid))).toEqual(new Set([one.pid, other.pid]));
    expect(steps[0]?.command).toMatch(new RegExp(`^kill (${one.pid}|${other.pid})$`));
    await one.does('s.close()');
    expect((await network.audit()).wrong).toEqual([]);
  });

  test(
    'a listener without SO_REUSEADDR is wrong as soon as a restart would fail',
    unless(whyNoOptions),
    async () => {
      const [server, client] = [network.actor(), network.actor()];
      const listen =
        "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, ON); s.bind(('127.0.0.1', NUMBER)); s.listen()";
      const port = await server.does(
        `${listen.replace('ON', '0').replace('NUMBER', '0')}; r = s.getsockname()[1]`,
      );
      const before = await network.audit();
      expect(before.status).toBe(0);
      expect(before.finding('no-reuse-address')).toMatchObject({
        severity: 'note',
        what: expect.stringMatching(/: a restart that leaves connections fails with EADDRINUSE$/),
      });
      await client.does(`c = socket.create_connection(('127.0.0.1', ${port}))`);
      await server.does('a = s.accept()[0]; a.close()');
      await client.does('c.recv(1); c.close()');
      const { wrong, finding } = await network.audit();
      expect(wrong).toEqual(['no-reuse-address']);
      expect(finding('no-reuse-address')).toMatchObject({
        fault: { processes: [{ pid: server.pid }] },
        figures: { timeWaits: 1 },
      });
      // What it foretells comes true, and the remedy helps: another port, as this one stays blocked by what lacks the option.
      await server.does('s.close()');
      await expect(server.does(listen.replace('ON', '0').replace('NUMBER', String(port)))).rejects.toThrow(
        'Address already in use',
      );
      await server.does(listen.replace('ON', '1').replace('NUMBER', '0'));
      expect((await network.audit()).kinds).not.toContain('no-reuse-address');
    },
  );

  test('a port that clients may take is a note with the setting that keeps them away', async () => {
    const server = network.actor();
    await server.does("s = socket.create_server(('127.0.0.1', 45678))");
    const { status, finding } = await network.audit();
    expect(status).toBe(0);
    expect(finding('in-range').what).toMatch(/: while the server is down a client may take the port$/);
    expect(finding('in-range').steps[0]?.command).toBe('sysctl net.ipv4.ip_local_reserved_ports=45678');
    await network.setting('net.ipv4.ip_local_reserved_ports', '45678');
    expect((await network.audit()).kinds).not.toContain('in-range');
    await network.setting('net.ipv4.ip_local_reserved_ports', '');
  });

  test('a service that only this machine uses, but that listens on all addresses, is a note', async () => {
    const server = network.actor();
    await server.does("s = socket.create_server(('0.0.0.0', 6379))");
    const { status, finding } = await network.audit();
    expect(status).toBe(0);
    expect(finding('all-addresses').what).toContain('looks like Redis');
    await server.does("s.close(); s = socket.create_server(('127.0.0.1', 6379))");
    expect((await network.audit()).kinds).not.toContain('all-addresses');
  });

  const port9 = 'redirect to :9';
  const rulesBy = {
    nft: (four: unknown, six: unknown) =>
      `nft 'add table inet taken; add chain inet taken out { type nat hook output priority -100; };
        add rule inet taken out meta nfproto ipv4 tcp dport ${four} ${port9}; add rule inet taken out ip6 daddr ::1 tcp dport ${six} ${port9}'`,
    'iptables-nft': byIptables('nft'),
    'iptables-legacy': byIptables('legacy'),
  };
  function byIptables(backend: string) {
    const rule = '-p tcp -j REDIRECT --to-ports 9 --dport';
    return (four: unknown, six: unknown) =>
      `iptables-${backend} -t nat -A OUTPUT ${rule} ${four}
       ip6tables-${backend} -t nat -N MINE; ip6tables-${backend} -t nat -A OUTPUT -j MINE; ip6tables-${backend} -t nat -A MINE ${rule} ${six}`;
  }

  describe.each([
    ['nft', missing('nft')],
    ['iptables-nft', whyNoIptables('nft')],
    ['iptables-legacy', whyNoIptables('legacy')],
  ] as const)('a rule of NAT by %s that takes the port of a listener', (tool, why) => {
    test('is named for IPv4 and IPv6 until the advised command deletes it', unless(why), async () => {
      const server = network.actor();
      const [four, six] = (await server.does(
        "s = socket.create_server(('127.0.0.1', 0)); t = socket.create_server(('::1', 0), family=socket.AF_INET6); r = [s.getsockname()[1], t.getsockname()[1]]",
      )) as [number, number];
      const connects = () =>
        server.does(
          `r = []\nfor a in (('127.0.0.1', ${four}), ('::1', ${six})):\n  c = socket.socket(socket.AF_INET6 if ':' in a[0] else socket.AF_INET); r.append(c.connect_ex(a)); c.close()`,
        );
      await network.run('sh', '-c', rulesBy[tool](four, six));
      const { wrong, document } = await network.audit();
      expect(wrong).toEqual(['nat-rule', 'nat-rule']);
      const found = document.findings.filter(({ kind }) => kind === 'nat-rule');
      expect(found.map(({ what }) => what).sort()).toEqual(
        [
          `a rule of NAT takes port ${six} from [::1]:${six}: clients on this machine get to :9`,
          `a rule of NAT takes port ${four} from 127.0.0.1:${four}: clients on this machine get to :9`,
        ].sort(),
      );
      for (const { fault } of found)
        expect(fault).toMatchObject({ side: 'a setting', processes: [{ pid: server.pid }] });
      expect(await connects()).toEqual([111, 111]);
      for (const { steps } of found) {
        for (const { command } of steps) if (command !== null) await network.run('sh', '-c', command);
      }
      expect((await network.audit()).wrong).toEqual([]);
      expect(await connects()).toEqual([0, 0]);
    });
  });

  test(
    'rules of NAT for other ports, other addresses, and for clients that cannot reach a listener, take nothing',
    unless(missing('nft')),
    async () => {
      const server = network.actor();
      const port = Number(
        await server.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]"),
      );
      await network.run(
        'nft',
        `add table ip other; add chain ip other out { type nat hook output priority -100; }; add chain ip other pre { type nat hook prerouting priority -100; };
         add rule ip other out ip daddr 10.96.0.1 tcp dport ${port} redirect to :9; add rule ip other pre tcp dport ${port} redirect to :9;
         add rule ip other out tcp dport ${port} accept; add rule ip other out tcp dport ${port} redirect to :9; add rule ip other out meta skuid 4294967294 meta l4proto tcp redirect to :9`,
      );
      expect((await network.audit()).wrong).toEqual([]);
      expect(
        await server.does(`c = socket.socket(); r = c.connect_ex(('127.0.0.1', ${port})); c.close()`),
      ).toBe(0);
      await network.run('nft', 'delete table ip other');
    },
  );
});
