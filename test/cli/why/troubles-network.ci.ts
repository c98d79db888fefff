import { describe, expect, test } from 'vitest';
import { whyNoIptables } from '../../support/iptables.ts';
import { missing, noRoot } from '../../support/machine.ts';
import { unless } from '../../support/skips.ts';
import { commandOf, kinds, why } from './troubles.ts';

/** A shell in a network of its own, in which loopback is up; "$@" is tcpclose. */
function inNetwork(script: string): string[] {
  return ['unshare', '--net', '--mount', 'sh', '-c', `ip link set lo up; ${script}`, 'sh'];
}

describe('in a network of its own', unless(noRoot ?? missing('ip', 'nft')), () => {
  const nft = `
    nft add table inet nat
    nft add chain inet nat output '{ type nat hook output priority -100; }'
    nft add rule inet nat output tcp dport 9999 redirect to :8081`;
  const byIptables = (program: string) =>
    `${program} -t nat -A OUTPUT -p tcp --dport 9999 -j REDIRECT --to-ports 8081`;

  const hidden = `
    mount --bind /dev/null "$(command -v nft)"
    for tool in /usr/sbin/xtables-*-multi; do [ ! -e "$tool" ] || mount --bind /dev/null "$tool"; done`;

  describe.each([
    ['nft', nft, null],
    ['iptables-nft', byIptables('iptables-nft'), whyNoIptables('nft')],
    ['ip6tables-nft', byIptables('ip6tables-nft'), whyNoIptables('nft')],
    ['iptables-legacy', byIptables('iptables-legacy'), whyNoIptables('legacy')],
    ['ip6tables-legacy', byIptables('ip6tables-legacy'), whyNoIptables('legacy')],
  ] as const)('a rule of NAT by %s', (_, rules, whyNot) => {
    test('that takes the port is found, and the advised command removes it', unless(whyNot), async () => {
      const document = await why(9999, inNetwork(`${rules}\n"$@"`));
      expect([document.situation, document.verdict]).toEqual(['redirected', 'free']);
      expect(document.troubles[0]?.text).toContain(
        'NAT sends connections of this machine to this port to :8081 before any listener',
      );
      const remove = commandOf(document, /nft delete rule|tables-\w+ -t nat -D/).replace(/^sudo /, '');
      const after = await why(9999, inNetwork(`${rules}\n${remove}\n"$@"`));
      expect([kinds(after), after.rules]).toEqual([[], 'all']);
    });
  });

  test.each(['127.0.0.1', '::1'])(
    'connections to %s that conntrack has moved are enough where no tool can list the rules',
    async (address) => {
      const connection = `
      node -e "
        const net = require('net');
        net.createServer((s) => s.on('error', () => {})).listen(8081, '${address}', () =>
          net.connect(9999, '${address}').on('connect', () => console.error('up')));" 2>/tmp/up-$$ & pid=$!
      until [ -s /tmp/up-$$ ]; do sleep 0.1; done; rm /tmp/up-$$`;
      const document = await why(
        9999,
        inNetwork(`${nft}\n${connection}\n${hidden}\n"$@"; status=$?; kill $pid; exit $status`),
      );
      expect([document.situation, document.rules]).toEqual(['redirected', 'nothing']);
      expect(document.troubles[0]?.text).toContain('to :8081 before any listener');
    },
  );

  test('ports that run out towards a destination are counted, and enough when the range is wider', async () => {
    const server = `
      sysctl -qw net.ipv4.ip_local_port_range='40000 40019'
      node -e "
        const net = require('net');
        net.createServer((s) => s.on('error', () => {})).listen(5432, '127.0.0.1', () => {
          for (let i = 0; i < 20; i++) net.connect(5432, '127.0.0.1').on('error', () => {});
        });" & pid=$!
      until [ "$(grep -c ' 0100007F:.... 0100007F:1538 01 ' /proc/net/tcp)" = 20 ]; do sleep 0.1; done`;
    const end = 'status=$?; kill $pid; exit $status';
    const document = await why(5432, inNetwork(`${server}\n"$@"; ${end}`));
    expect(document.situation).toBe('out of ports');
    expect(document.troubles[0]?.text).toContain(
      '20 of 20 ports of ip_local_port_range are in use: none is left',
    );
    expect(document.troubles[0]?.text).toContain('127.0.0.1:5432');
    expect(document.troubles[0]?.text).toMatch(/pid \d+ \(node /);
    const wider = commandOf(document, /ip_local_port_range/).replace(/^sudo /, '');
    expect(
      kinds(await why(5432, inNetwork(`${server}\n${wider} >&2 2>/dev/null >/dev/null\n"$@"; ${end}`))),
    ).toEqual([]);
  });

  test('whoever has only a few open is not said to have made those in TIME_WAIT', async () => {
    const server = `
      sysctl -q net.ipv4.ip_local_port_range='40000 40019' net.ipv4.tcp_tw_reuse=0 2>/dev/null ||
        { echo '40000 40019' > /proc/sys/net/ipv4/ip_local_port_range; echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse; }
      node -e "
        const net = require('net');
        let ended = 0;
        net.createServer({ allowHalfOpen: false }, () => {}).listen(5432, '127.0.0.1', () => {
          for (let i = 0; i < 18; i++) {
            const one = net.connect(5432, '127.0.0.1', () => one.end());
            one.on('close', () => { if (++ended === 18) for (let i = 0; i < 2; i++) net.connect(5432, '127.0.0.1'); });
          }
        });" & pid=$!
      until [ "$(grep -c ' 0100007F:.... 0100007F:1538 01 ' /proc/net/tcp)" = 2 ]; do sleep 0.1; done`;
    const end = 'status=$?; kill $pid; exit $status';
    const document = await why(5432, inNetwork(`${server}\n"$@"; ${end}`));
    expect(document.situation).toBe('out of ports');
    expect(document.troubles[0]?.text).toMatch(
      /A program of this machine makes these connections; .* pid \d+ \(node .*\) has 2 of them open, and may have made the others\.$/,
    );
    expect(document.steps[0]?.text).toContain('have the client use connections again');
  });
});
