/** Rules of NAT are made by each tool in a network of their own, and read as that tool prints them. */
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { movedIn } from '../../src/observe/nat/conntrack.ts';
import { tableOfIptables } from '../../src/observe/nat/iptables.ts';
import { tablesOfNft } from '../../src/observe/nat/nft.ts';
import { type Hook, type NatTable, rulesMetAt, textOfTarget } from '../../src/observe/nat/table.ts';
import { whyNoIptables } from '../support/iptables.ts';
import { missing, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

function inNetwork(script: string): string {
  const { stdout } = spawnSync('unshare', ['--net', 'sh', '-c', script], { encoding: 'utf8' });
  return stdout;
}

/** Where connections get to: `some :80` if a rule asks for more than the port. */
function targets(tables: readonly NatTable[], port: number, address = '127.0.0.1', hook: Hook = 'output') {
  return rulesMetAt(tables, hook, address, port).map(
    ({ clients, to }) => `${clients === 'some' ? 'some ' : ''}${textOfTarget(to)}`,
  );
}

describe('rules of nft', unless(missing('nft') ?? noRoot), () => {
  let tables: readonly NatTable[];
  beforeAll(() => {
    const text = inNetwork(`nft -f - <<'END'
table inet t {
  set ports { type inet_service; flags interval; elements = { 1000, 2000-2010 } }
  set local { type ipv4_addr; elements = { 127.0.0.1 } }
  map named { type inet_service : verdict; elements = { 77 : jump other } }
  chain out {
    type nat hook output priority -100; policy accept;
    tcp dport 9999 redirect to :8081
    tcp dport { 7001, 7100-7200 } dnat ip to 192.0.2.7:80
    tcp dport { 7001 } dnat ip6 to [2001:db8::7]:80
    udp dport 9998 redirect to :53
    meta l4proto { tcp, udp } th dport 53 redirect to :5353
    oifname "eth0" tcp dport 80 redirect to :8080
    tcp dport @ports ip daddr @local dnat ip to 192.0.2.2
    ip daddr { 10.0.0.0/8, 10.1.1.1-10.1.1.5 } tcp dport 82 dnat ip to 192.0.2.2:80
    dnat ip to tcp dport map { 83 : 192.0.2.2, 84 : 192.0.2.3 }
    meta l4proto tcp redirect to :tcp dport map { 85 : 9, 86 : 10 }
    dnat ip to tcp dport map { 88 : 192.0.2.2 . 80 }
    tcp dport vmap { 87 : jump other, 90 : accept }
    tcp dport vmap @named
    tcp dport 90 redirect to :1
    ct state new fib daddr type local tcp dport 91 counter goto other
    tcp dport 91 redirect to :2
    tcp dport 92 jump back
    tcp dport 92 redirect to :3
    tcp dport 93 redirect to :93
    tcp dport 94 redirect to :1000-1010
    tcp dport 95 meta skuid 0 redirect to :4
    tcp dport 95 redirect to :5
    meta nfproto ipv6 tcp dport 96 redirect to :6
    tcp dport != { 1-65000 } redirect to :7
  }
  chain other {
    meta l4proto tcp redirect to :8082
  }
  chain back {
    return
    tcp dport 92 redirect to :8
  }
  chain filter {
    type filter hook output priority 0;
    tcp dport 97 drop
  }
}
table ip second {
  chain out {
    type nat hook output priority -90;
    tcp dport { 9999, 90 } redirect to :9
  }
}
END
nft -j list ruleset`);
    tables = tablesOfNft(text);
  });

  test.each([
    [9999, [':8081']],
    [7150, ['192.0.2.7:80']],
    [53, [':5353']],
    [9998, []],
    [80, ['some :8080']],
    [2005, ['192.0.2.2']],
    [82, []],
    [84, ['192.0.2.3']],
    [86, [':10']],
    [88, ['192.0.2.2:80']],
    [87, [':8082']],
    [77, [':8082']],
    [91, [':8082']],
    [92, [':3']],
    [93, []],
    [94, ['a port of a list']],
    [95, ['some :4', ':5']],
    [96, []],
    [97, []],
    [65_001, [':7']],
    [8081, []],
  ])('send 127.0.0.1:%d to %j', (port, expected) => expect(targets(tables, port)).toEqual(expected));

  test.each([
    ['what a chain accepts, the next one may still send elsewhere', 90, '127.0.0.1', [':9']],
    ['IPv6 has its own targets', 7001, '::1', ['[2001:db8::7]:80']],
    ['a rule for IPv6 alone', 96, '::1', [':6']],
    ['a rule for addresses', 82, '10.2.3.4', ['192.0.2.2:80']],
    ['a set of addresses without this one', 1000, '10.2.3.4', []],
  ])('%s: %d of %s', (_, port, address, expected) =>
    expect(targets(tables, port, address)).toEqual(expected),
  );

  test('of another hook are not met, and what deletes a rule names it', () => {
    expect(targets(tables, 9999, '127.0.0.1', 'prerouting')).toEqual([]);
    const [met] = rulesMetAt(tables, 'output', '127.0.0.1', 9999);
    expect(met?.rule.remove?.join(' ')).toMatch(/^nft delete rule inet t out handle \d+$/);
  });
});

test.each([
  '',
  '{',
  '[]',
  '{"nftables":7}',
  '{"nftables":[null,{"rule":{"expr":[null]}},{"table":{}},{"chain":{"hook":"output","type":"nat"}}]}',
])('rules of nft are none in %j', (text) => expect(tablesOfNft(text)).toEqual([]));

const rules = `
  -A OUTPUT -p tcp --dport 9999 -j REDIRECT --to-ports 8081
  -A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5353
  -A OUTPUT -p tcp ! --dport 22:65535 -m comment --comment "a \\"b" -j REDIRECT --to-ports 1
  -A OUTPUT -p tcp -m multiport --dports 90,100:110 -j REDIRECT --to-ports 8080
  -A OUTPUT -p tcp --dport 93 -j REDIRECT
  -A OUTPUT -p tcp --dport 94 -j RETURN
  -A OUTPUT -p tcp --dport 94 -j REDIRECT --to-ports 2
  -A OUTPUT -p tcp --dport 95 -m owner --uid-owner 7 -j REDIRECT --to-ports 3`;
const docker = `
  -N DOCKER
  -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
  -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  -A DOCKER ! -i docker0 -p tcp --dport 5433 -j DNAT --to-destination 172.17.0.2:5432`;
const for6 = '-A OUTPUT -d ::1/128 -p tcp --dport 9999 -j DNAT --to-destination [2001:db8::1]:80';

describe.each(['nft', 'legacy'] as const)('rules of iptables with the backend %s', (backend) => {
  const program = `iptables-${backend}`;
  const made = (name: string, lines: string) =>
    inNetwork(`set -e; ${lines.trim().replaceAll(/^ *(?=-)/gm, `${name} -t nat `)}; ${name}-save -t nat`);
  const why = whyNoIptables(backend);

  test('are read as it prints them', unless(why), () => {
    const text = made(program, rules + docker);
    const table = tableOfIptables(text, program);
    const at = (port: number) => targets([table], port);
    expect(at(9999)).toEqual([':8081']);
    expect(at(105)).toEqual([':8080']);
    expect(at(7)).toEqual([':1']);
    expect(at(95)).toEqual(['some :3']);
    expect([53, 22, 93, 94, 5433].flatMap(at)).toEqual([]);
    expect(targets([table], 5433, '192.0.2.1')).toEqual(['some 172.17.0.2:5432']);
    expect(targets([table], 5433, '192.0.2.1', 'prerouting')).toEqual(['some 172.17.0.2:5432']);
    expect(targets([table], 9999, '::1')).toEqual([]);
    const [met] = rulesMetAt([table], 'output', '127.0.0.1', 9999);
    expect(met?.rule.remove?.join(' ')).toBe(
      `${program} -t nat -D OUTPUT -p tcp -m tcp --dport 9999 -j REDIRECT --to-ports 8081`,
    );
    // A comment may have quotes, which a shell reads otherwise.
    expect(rulesMetAt([table], 'output', '127.0.0.1', 7)[0]?.rule.remove).toBeNull();
  });

  test('for IPv6 are read as well', unless(why), () => {
    const six = `ip6tables-${backend}`;
    const table = tableOfIptables(made(six, for6), six);
    expect(targets([table], 9999, '::1')).toEqual(['[2001:db8::1]:80']);
    expect([targets([table], 9999, '2001:db8::9'), targets([table], 9999)]).toEqual([[], []]);
  });
});

test('connections that conntrack has moved show where they went, if they were for this machine', () => {
  const line = (to: string, port: number, from: string, by: number, family = 'ipv4     2') =>
    `${family} tcp      6 432000 ESTABLISHED src=127.0.0.1 dst=${to} sport=52308 dport=${port} src=${from} dst=127.0.0.1 sport=${by} dport=52308 [ASSURED] mark=0 zone=0 use=2`;
  const text = [
    line('127.0.0.1', 9999, '127.0.0.1', 8081),
    line('127.0.0.1', 9999, '127.0.0.1', 8081),
    line('127.0.0.1', 80, '127.0.0.1', 80),
    line('192.0.2.1', 443, '10.0.0.1', 443),
    line('10.96.0.1', 443, '10.0.0.9', 6443),
    line(
      '0000:0000:0000:0000:0000:0000:0000:0001',
      9999,
      '2001:0db8:0000:0000:0000:0000:0000:0001',
      80,
      'ipv6     10',
    ),
  ].join('\n');
  const at = (port: number) =>
    movedIn(text, port, ['127.0.0.1', '192.0.2.1', '::1']).map(({ to }) => textOfTarget(to));
  expect([at(9999), at(80), at(443)]).toEqual([[':8081', '[2001:db8::1]:80'], [], ['10.0.0.1:443']]);
});
