import { scenario } from '../../src/index.ts';

const ipv4 = '0.0.0.0';
const ipv6 = '::';

export default scenario({
  title: 'A dual-stack socket holds the port for IPv4, too',
  claim:
    'A listener on :: without IPV6_V6ONLY blocks IPv4 and is blocked by it; with IPV6_V6ONLY they do not conflict. A connection ' +
    'over IPv6 that a dual-stack server leaves still blocks the port for IPv4.',
  source: ['ipv6(7), IPV6_V6ONLY', 'RFC 3493 section 5.3', 'Linux: ipv6_rcv_saddr_equal()'],
  decides: [],
  needs: ['IPv6'],
  control: 'end',
  peers: 4,

  async run({ lab, expect, step }) {
    const bindOf = async (port: number, address: string, v6Only: 'on' | 'off' = 'off') =>
      (await lab.probe({ port, address, v6Only })).bind;

    await step('a dual-stack listener');
    const dual = await lab.server({ name: 'dual server', address: ipv6, v6Only: 'off', conduct: 'reads' });
    expect.value('bind on 0.0.0.0', await bindOf(dual.port, ipv4)).equals('EADDRINUSE');
    expect.value('bind on 127.0.0.1', await bindOf(dual.port, '127.0.0.1')).equals('EADDRINUSE');

    await step('a listener on IPv6 only');
    const six = await lab.server({ name: 'IPv6 server', address: ipv6, v6Only: 'on' });
    expect.value('bind on 0.0.0.0', await bindOf(six.port, ipv4)).equals('ok');

    await step('a listener on IPv4');
    const four = await lab.server({ name: 'IPv4 server', address: ipv4 });
    expect.value('bind on ::, dual-stack', await bindOf(four.port, ipv6)).equals('EADDRINUSE');
    expect.value('bind on ::, IPv6 only', await bindOf(four.port, ipv6, 'on')).equals('ok');

    await step(`TIME_WAIT of a connection to ${dual.reachableAt} that the dual-stack listener had`);
    const client = await lab.client(dual);
    await dual.end();
    await client.end();
    await expect(dual).state('TIME_WAIT');
    await dual.kill('SIGKILL');
    expect
      .value('bind on 0.0.0.0', await bindOf(dual.port, ipv4), {
        note: 'there is no IPv4 connection: a dual-stack old socket is enough',
      })
      .equals('EADDRINUSE');
    expect.value('bind on 127.0.0.1', await bindOf(dual.port, '127.0.0.1')).equals('ok');
  },
});
