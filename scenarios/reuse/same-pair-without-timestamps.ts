import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Without timestamps a pair in TIME_WAIT cannot be connected again',
  claim:
    'Without timestamps nothing distinguishes new segments of the pair from old ones: bind succeeds with SO_REUSEADDR on both ' +
    'sockets, and connect fails with "Cannot assign requested address", not with "Address already in use".',
  source: ['connect(2), EADDRNOTAVAIL', 'Linux: tcp_twsk_unique()'],
  decides: ['C09'],
  needs: ['namespace'],
  control: 'sysctl',
  peers: 5,

  async run({ lab, expect, step }) {
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);

    await step('a connection between two chosen ports; the server closes first');
    const clientPort = await lab.freePort();
    const server = await lab.server({ reuseAddress: 'on' });
    const client = await lab.client(server, { localPort: clientPort, reuseAddress: 'on' });
    await server.end();
    await client.end();
    await expect(server).state('TIME_WAIT');
    await server.kill('SIGKILL');
    await client.kill('SIGKILL');

    await step('the same pair is connected again');
    const peer = await lab.server({
      name: 'old peer',
      host: 'client',
      port: clientPort,
      reuseAddress: 'on',
    });
    const again = { host: 'server', localPort: server.port, reuseAddress: 'on', name: 'new client' } as const;
    await expect(lab.client(peer, again), {
      refutes: 'C09',
      supports: 'C09/no timestamps',
      otherwise: 'connect: EADDRINUSE',
    }).fails('connect', 'EADDRNOTAVAIL');
  },
});
