import { choice, scenario } from '../../src/index.ts';

export default scenario({
  title: 'A pair in TIME_WAIT can be connected again, with timestamps',
  claim:
    'From a port in TIME_WAIT to the peer that it was connected to: bind fails if SO_REUSEADDR is missing on either ' +
    'socket; if both have it, connect succeeds at once, because timestamps distinguish new segments from old ones.',
  source: ['RFC 6191', 'Linux: tcp_twsk_unique(), __inet_check_established()'],
  decides: ['C09'],
  control: 'end',
  peers: 5,
  parameters: { first: choice('server', ['server', 'client'], 'choose the side that closes first') },

  async run({ lab, expect, step, first }) {
    await step(`a connection between two chosen ports; the ${first} closes first`);
    const clientPort = await lab.freePort();
    const server = await lab.server({ reuseAddress: 'on' });
    const client = await lab.client(server, { localPort: clientPort, reuseAddress: 'on' });
    const [active, passive] = first === 'server' ? [server, client] : [client, server];
    const second = first === 'server' ? 'client' : 'server';
    await active.end();
    await passive.end();
    await expect(active).state('TIME_WAIT');
    const activePort = first === 'server' ? server.port : clientPort;
    const passivePort = first === 'server' ? clientPort : server.port;
    await server.kill('SIGKILL');
    await client.kill('SIGKILL');

    await step('the old peer listens on its port, and is connected to from the port in TIME_WAIT');
    const peer = await lab.server({
      name: 'old peer',
      host: second,
      port: passivePort,
      reuseAddress: 'on',
    });
    const again = { host: first, localPort: activePort, name: 'new client' } as const;
    const plain = lab.client(peer, again);
    await expect(plain, { without: 'end 1', supports: 'C09/flag missing', otherwise: 'connected' }).fails(
      'bind',
      'EADDRINUSE',
    );
    const reusing = lab.client(peer, { ...again, reuseAddress: 'on' });
    await expect(reusing, {
      without: 'kill 1',
      refutes: 'C09',
      otherwise: ['bind: EADDRINUSE', 'connect: EADDRINUSE'],
    }).connects();
  },
});
