import { describe, expect, test } from 'vitest';
import { ownSysctl } from '../../src/observe/sysctl.ts';
import { Actor } from '../support/actor.ts';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import { audited } from '../support/audits.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';
import { until } from '../support/until.ts';

// The kernel shows it to the first network alone.
const whyNoOrphanLimit =
  ownSysctl('net.ipv4.tcp_max_orphans') === '' ? 'this network does not show tcp_max_orphans' : null;

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  /** Opens and closes this many connections, the client first. */
  const churn = (port: unknown, count: number, keep = 0) =>
    `for i in range(${count}):\n  x = socket.create_connection(('127.0.0.1', ${port}))\n  y = s.accept()[0]\n  x.close(); y.recv(1); y.close()\nkept = [(socket.create_connection(('127.0.0.1', ${port})), s.accept()[0]) for _ in range(${keep})]`;

  test('ports that run out towards a destination are counted, and tcp_tw_reuse gives them back', async () => {
    await network.setting('net.ipv4.ip_local_port_range', '40000 40099');
    await network.setting('net.ipv4.tcp_tw_reuse', 0);
    const program = network.actor();
    const port = await program.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    const size = Number(port) >= 40_000 && Number(port) < 40_100 ? 99 : 100;
    await program.does(churn(port, 85, 3));
    const { wrong, finding } = await network.audit();
    expect(wrong).toEqual(['ephemeral-ports']);
    const { figures, fault, what, steps } = finding('ephemeral-ports');
    expect(figures).toMatchObject({ size, left: size - 88, timeWaits: 85, open: 3 });
    expect(what).toContain(`towards 127.0.0.1:${port} from 127.0.0.1`);
    // Nobody was seen closing one, and who has some open need not have made the others.
    expect(fault).toMatchObject({ side: 'this side', processes: [] });
    expect(fault.because).toMatch(
      new RegExp(
        `^a client here opens .* waits for 60 s; pid ${program.pid} .* has 3 connections open to it, and may have made them$`,
      ),
    );
    expect(steps[0]?.text).toContain('keep connections alive');
    expect(steps[1]?.command).toBe('sysctl net.ipv4.tcp_tw_reuse=2');
    await program.does(
      `for i in range(${size - 88}): kept.append((socket.create_connection(('127.0.0.1', ${port})), s.accept()[0]))`,
    );
    expect((await network.audit()).finding('ephemeral-ports').cost).toContain('fails now with EADDRNOTAVAIL');
    await expect(program.does(`socket.create_connection(('127.0.0.1', ${port}))`)).rejects.toThrow(
      'Cannot assign requested address',
    );
    await network.setting('net.ipv4.tcp_tw_reuse', 2);
    await until(
      'the reuse of a TIME_WAIT',
      async () => (await program.does(`x = socket.socket(); r = x.connect_ex(('127.0.0.1', ${port}))`)) === 0,
    );
    await program.does('kept.append((x, s.accept()[0]))');
    expect((await network.audit()).wrong).toEqual([]);
    await network.setting('net.ipv4.ip_local_port_range', '32768 60999');
  });

  test('a pile of TIME_WAITs is a note that says it is harmless, and wrong at tcp_max_tw_buckets', async () => {
    const program = network.actor();
    const port = await program.does("s = socket.create_server(('127.0.0.1', 0)); r = s.getsockname()[1]");
    await program.does(churn(port, 60));
    const harmless = await network.audit('--time-waits', '50');
    expect(harmless.status).toBe(0);
    expect(harmless.finding('time-waits')).toMatchObject({ severity: 'note', fault: { side: 'nobody' } });
    expect(harmless.finding('time-waits').what).toContain('harmless');
    await network.setting('net.ipv4.tcp_max_tw_buckets', 64);
    const near = await network.audit();
    expect(near.wrong).toEqual(['time-waits']);
    expect(near.finding('time-waits').what).toMatch(/in TIME_WAIT of 64 \(tcp_max_tw_buckets\)/);
    await network.setting('net.ipv4.tcp_max_tw_buckets', 131_072);
    expect((await network.audit()).wrong).toEqual([]);
  });

  test('accept queues that overflow while it looks are wrong, with the listener; those of before are a note', async () => {
    const [server, client] = [network.actor(), network.actor()];
    const port = await server.does(
      "s = socket.create_server(('127.0.0.1', 0), backlog=1); r = s.getsockname()[1]",
    );
    await client.does(
      `c = []\nfor _ in range(8):\n  x = socket.socket(); x.setblocking(False); x.connect_ex(('127.0.0.1', ${port})); c.append(x)`,
    );
    const { wrong, finding } = await network.audit('--for', '3s', '--accept-age', '10min');
    expect(wrong).toContain('overflows');
    expect(finding('overflows')).toMatchObject({
      severity: 'wrong',
      fault: { side: 'this side', processes: [{ pid: server.pid }] },
    });
    expect(finding('accept-queue').what).toContain('of at most 2 wait');
    await client.does('for x in c: x.close()');
    await server.does('s.close()');
    const after = await network.audit();
    expect(after.wrong).toEqual([]);
    expect(after.finding('overflows').severity).toBe('note');
  });

  test(
    'conntrack near its limit is wrong, whatever share is chosen for that',
    unless(missing('nft')),
    async () => {
      await network.run(
        'nft',
        'add table ip track; add chain ip track out { type filter hook output priority 0; }; add rule ip track out ct state new accept',
      );
      await network.pair(2);
      const { wrong, finding } = await network.audit('--conntrack-used', '0.0001');
      expect(wrong).toEqual(['conntrack']);
      expect(finding('conntrack').what).toMatch(/^conntrack has [2-9] of \d+ entries/);
      expect((await network.audit()).wrong).toEqual([]);
      await network.run('nft', 'delete table ip track');
    },
  );

  test('a setting that does not do what it is set for is a note', async () => {
    await network.setting('net.ipv4.tcp_fin_timeout', 15);
    const { status, finding } = await network.audit();
    expect(status).toBe(0);
    expect(finding('settings').what).toContain('does not shorten TIME_WAIT');
    await network.setting('net.ipv4.tcp_fin_timeout', 60);
    expect((await network.audit()).kinds).not.toContain('settings');
  });
});

test('orphans near tcp_max_orphans are wrong', unless(whyNoOrphanLimit), async () => {
  const actor = new Actor();
  await actor.does(
    "s = socket.create_server(('127.0.0.1', 0)); x = socket.create_connection(s.getsockname()); a = s.accept()[0]",
  );
  await actor.does(
    'x.setblocking(False)\ntry:\n  while True: x.send(bytes(65536))\nexcept BlockingIOError: pass\nx.close()',
  );
  // The kernel sums them up every tenth of a second.
  const { wrong, finding } = await audited(['--orphans-used', '0.0001', '--for', '400ms']);
  expect(wrong).toContain('orphans');
  expect(finding('orphans').what).toMatch(/orphans of \d+ \(tcp_max_orphans\), \d+ of them in/);
  await actor.end();
});
