import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'A client on a bound port reconnects at once, whatever tcp_tw_reuse says',
  claim:
    'From a bound port, with SO_REUSEADDR on the old and the new socket and timestamps on, connect replaces TIME_WAIT at once: ' +
    'tcp_tw_reuse and its delay concern only ports that the kernel chooses.',
  source: ['RFC 6191', 'Linux: tcp_twsk_unique(), called without a place for the old socket'],
  decides: ['C33'],
  needs: ['namespace'],
  control: 'end',

  async run({ lab, expect, step }) {
    const server = await lab.server({ conduct: 'reads' });
    const localPort = await lab.freePort();
    let client = await lab.client(server, { localPort, reuseAddress: 'on' });

    for (const value of [0, 1, 2]) {
      await step(`tcp_tw_reuse = ${value}`);
      await lab.kernel.sysctl('net.ipv4.tcp_tw_reuse', value);
      const counters = await lab.kernel.counters();
      await client.end();
      await expect(client).state('TIME_WAIT');
      const again = { process: client, name: 'client again', localPort, reuseAddress: 'on' } as const;
      client = await expect(lab.client(server, again), {
        without: 'last end',
        supports: 'C33/bound port',
        otherwise: 'connect: EADDRNOTAVAIL',
      }).connects();
      expect.value('TIME_WAITs replaced, TWRecycled', await counters.moved('TWRecycled')).equals(1);
    }
  },
});
