import { scenario } from '../../src/index.ts';

const wildcard = '0.0.0.0';
const there = '127.0.0.2';

export default scenario({
  title: 'The wildcard address and a specific one block each other',
  claim:
    'A listener on the wildcard address blocks every specific one and is blocked by it, even with SO_REUSEADDR; two specific ' +
    'addresses never block each other. Leftovers of a wildcard listener have a specific address.',
  source: ['ip(7), INADDR_ANY', 'Linux: inet_rcv_saddr_equal(), inet_bind_conflict()'],
  decides: [],
  control: 'end',
  peers: 4,

  async run({ lab, expect, step }) {
    const bindOf = async (port: number, address: string, reuseAddress: 'on' | 'off') =>
      (await lab.probe({ port, address, reuseAddress })).bind;

    await step('a listener on the wildcard address');
    const wide = await lab.server({ name: 'wide server', address: wildcard, conduct: 'reads' });
    const here = wide.reachableAt;
    expect.value(`bind on ${here}`, await bindOf(wide.port, here, 'on')).equals('EADDRINUSE');

    await step('a listener on one address');
    const narrow = await lab.server({ name: 'narrow server', address: here });
    expect.value('bind on 0.0.0.0', await bindOf(narrow.port, wildcard, 'on')).equals('EADDRINUSE');
    expect.value('bind on 127.0.0.2', await bindOf(narrow.port, there, 'off')).equals('ok');

    await step(`TIME_WAIT of a connection to ${here} that the wildcard listener had`);
    const client = await lab.client(wide);
    await wide.end();
    await client.end();
    await expect(wide).state('TIME_WAIT');
    await wide.kill('SIGKILL');
    const { port } = wide;
    expect.value(`bind on ${here}`, await bindOf(port, here, 'off')).equals('EADDRINUSE');
    expect.value('bind on 0.0.0.0', await bindOf(port, wildcard, 'off')).equals('EADDRINUSE');
    expect.value('bind on 127.0.0.2', await bindOf(port, there, 'off')).equals('ok');
    expect.value('bind on 0.0.0.0, reusing', await bindOf(port, wildcard, 'on')).equals('ok');
  },
});
