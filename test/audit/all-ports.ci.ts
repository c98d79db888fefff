/** Rules of NAT for all ports, as those of a service mesh. */
import { describe, expect, test } from 'vitest';
import { AuditNetwork, whyNoAuditNetwork } from '../support/audit-network.ts';
import type { Finding } from '../support/audits.ts';
import { whyNoIptables } from '../support/iptables.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

describe('in a network of its own', unless(whyNoAuditNetwork), () => {
  const network = new AuditNetwork();

  async function follow({ steps }: Finding): Promise<void> {
    const command = steps.find(({ text }) => text.includes('delete it'))?.command;
    await network.run('sh', '-c', command ?? 'no such command');
  }

  /** Two listeners, one for both families, and a way to see what becomes of a client of either. */
  async function listeners() {
    const server = network.actor('server');
    const [four, both] = (await server.does(
      "s = socket.create_server(('127.0.0.1', 0)); t = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True); r = [s.getsockname()[1], t.getsockname()[1]]",
    )) as [number, number];
    const connects = () =>
      server.does(
        `r = []\nfor p in (${four}, ${both}):\n  c = socket.socket(); c.settimeout(0.3)\n  try: r.append(c.connect_ex(('127.0.0.1', p)))\n  except OSError: r.append(-1)\n  c.close()`,
      );
    return { four, both, connects };
  }

  const tools = [
    ['nft', missing('nft')],
    ['iptables-nft', whyNoIptables('nft')],
    ['iptables-legacy', whyNoIptables('legacy')],
  ] as const;
  const rulesOf = (tool: string, target: string) =>
    tool === 'nft'
      ? `nft 'add table ip mesh; add chain ip mesh out { type nat hook output priority -100; }; add rule ip mesh out meta l4proto tcp ${target}'`
      : `${tool} -t nat -N MESH; ${tool} -t nat -A OUTPUT -p tcp -j MESH; ${tool} -t nat -A MESH -p tcp ${target}`;

  describe.each(tools)('a rule by %s', (tool, why) => {
    test('that leads nowhere is one finding, until the advised command deletes it', unless(why), async () => {
      const { four, both, connects } = await listeners();
      const redirect = tool === 'nft' ? 'redirect to :9' : '-j REDIRECT --to-ports 9';
      await network.run('sh', '-c', rulesOf(tool, redirect));
      expect(await connects()).toEqual([111, 111]);
      const { wrong, finding } = await network.audit();
      expect(wrong).toEqual(['nat-rule']);
      const { what, fault, cost } = finding('nat-rule');
      expect(what).toMatch(
        /takes all ports: clients on this machine get to :9, where nothing listens, instead of 2 listeners/,
      );
      expect(what).toContain(`127.0.0.1:${four}`);
      expect(what).toContain(`[::]:${both}`);
      expect(fault).toMatchObject({ side: 'a setting', processes: [] });
      expect(cost).toContain('connection refused');
      await follow(finding('nat-rule'));
      expect(await connects()).toEqual([0, 0]);
      expect((await network.audit()).kinds).not.toContain('nat-rule');
    });
  });

  test(
    'a rule that leads to a program of this machine is a note that names the program, perhaps a proxy',
    unless(missing('nft')),
    async () => {
      const { connects } = await listeners();
      const proxy = network.actor('proxy');
      const port = await proxy.does("s = socket.create_server(('0.0.0.0', 0)); r = s.getsockname()[1]");
      await network.run('sh', '-c', rulesOf('nft', `redirect to :${port}`));
      expect(await connects()).toEqual([0, 0]);
      const { wrong, finding } = await network.audit('--accept-age', '10min');
      expect(wrong).toEqual([]);
      expect(finding('nat-rule')).toMatchObject({
        severity: 'note',
        fault: { side: 'a setting', processes: [{ pid: proxy.pid }] },
      });
      await follow(finding('nat-rule'));
      expect((await network.audit('--accept-age', '10min')).kinds).not.toContain('nat-rule');
      await network.run('nft', 'delete table ip mesh');
    },
  );

  test(
    'one that sends everything to another machine is wrong, and one for a user or an address of many is a note',
    unless(missing('nft')),
    async () => {
      const { four } = await listeners();
      await network.run('sh', '-c', rulesOf('nft', 'dnat to 198.51.100.7'));
      const { wrong, finding } = await network.audit();
      expect(wrong).toEqual(['nat-rule']);
      expect(finding('nat-rule').cost).toContain('never reach these listeners');
      await follow(finding('nat-rule'));
      await network.run('nft', 'add rule ip mesh out meta skuid 4294967294 dnat to 198.51.100.7');
      const some = await network.audit();
      expect([some.wrong, some.finding('nat-rule').severity]).toEqual([[], 'note']);
      expect(some.finding('nat-rule').what).toContain('some clients on this machine');
      await network.run('nft', 'flush chain ip mesh out');
      await network.run(
        'nft',
        'add rule ip mesh out ip daddr != 127.0.0.0/8 meta l4proto tcp redirect to :9',
      );
      await network.run('ip', 'address', 'add', '198.51.100.1/32', 'dev', 'lo');
      expect((await network.audit()).wrong).toEqual(['nat-rule']);
      await network.run('ip', 'address', 'delete', '198.51.100.1/32', 'dev', 'lo');
      await network.run('nft', 'flush chain ip mesh out');
      await network.run(
        'nft',
        `add rule ip mesh out ip daddr != 127.0.0.0/8 tcp dport ${four} redirect to :9`,
      );
      expect((await network.audit()).kinds).not.toContain('nat-rule');
      await network.run('nft', 'delete table ip mesh');
    },
  );
});
