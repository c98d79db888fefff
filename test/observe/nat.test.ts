import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { redirectsOfConntrack, redirectsOfIptables, redirectsOfNft } from '../../src/observe/nat/rules.ts';
import { missing, noRoot } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

describe('rules of nft', () => {
  const rules = `
    add table ip nat
    add chain ip nat output { type nat hook output priority -100; }
    add rule ip nat output tcp dport 9999 redirect to :8081
    add rule ip nat output tcp dport { 7001, 7100-7200 } dnat to 192.0.2.7:80
    add rule ip nat output udp dport 9998 redirect to :53
    add rule ip nat output tcp dport 9997 accept
    add rule ip nat output tcp dport != 9996 redirect to :1`;
  const printed = () =>
    spawnSync('unshare', ['--net', 'sh', '-c', `nft '${rules}' && nft -j list ruleset`], { encoding: 'utf8' })
      .stdout;

  test('are read as the program of this machine prints them', unless(missing('nft') ?? noRoot), () => {
    const text = printed();
    expect(redirectsOfNft(text, 9999)).toMatchObject([{ to: ':8081', by: 'rule' }]);
    expect(redirectsOfNft(text, 9999)[0]?.remove?.slice(0, 6)).toEqual([
      ...['nft', 'delete', 'rule', 'ip', 'nat', 'output'],
    ]);
    expect(redirectsOfNft(text, 7001)).toMatchObject([{ to: '192.0.2.7:80' }]);
    expect(redirectsOfNft(text, 7150)).toMatchObject([{ to: '192.0.2.7:80' }]);
    for (const port of [9998, 9997, 9996, 8081, 80]) expect(redirectsOfNft(text, port)).toEqual([]);
  });

  test.each(['', '{', '[]', '{"nftables":7}', '{"nftables":[null,{"rule":{"expr":[null]}}]}'])(
    'are none in %j',
    (text) => expect(redirectsOfNft(text, 80)).toEqual([]),
  );
});

test('rules of iptables are read as iptables-save(8) prints them', () => {
  const text = `*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 5433 -j DNAT --to-destination 172.17.0.2:5432
-A OUTPUT -p tcp -m multiport --dports 90,100:110 -j REDIRECT --to-ports 8080
-A OUTPUT -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353
-A OUTPUT -p tcp -m tcp ! --dport 22 -m comment --comment "a b" -j REDIRECT --to-ports 1
COMMIT`;
  const at = (port: number) => redirectsOfIptables(text, port, 'iptables').map(({ to }) => to);
  expect(at(80)).toEqual([':8080']);
  expect(at(5433)).toEqual(['172.17.0.2:5432']);
  expect(at(105)).toEqual([':8080']);
  expect([53, 22, 8080].flatMap(at)).toEqual([]);
  expect(redirectsOfIptables(text, 80, 'iptables')[0]?.remove?.join(' ')).toBe(
    'iptables -t nat -D PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080',
  );
});

test('connections that conntrack has moved show where they went', () => {
  const line = (to: string, port: number, from: string, by: number) =>
    `ipv4     2 tcp      6 432000 ESTABLISHED src=127.0.0.1 dst=${to} sport=52308 dport=${port} src=${from} dst=127.0.0.1 sport=${by} dport=52308 [ASSURED] mark=0 zone=0 use=2`;
  const text = [
    line('127.0.0.1', 9999, '127.0.0.1', 8081),
    line('127.0.0.1', 9999, '127.0.0.1', 8081),
    line('127.0.0.1', 80, '127.0.0.1', 80),
    line('192.0.2.1', 443, '10.0.0.1', 443),
  ].join('\n');
  const at = (port: number) => redirectsOfConntrack(text, port).map(({ to }) => to);
  expect([at(9999), at(80), at(443)]).toEqual([[':8081'], [], ['10.0.0.1:443']]);
});
