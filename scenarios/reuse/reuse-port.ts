import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'SO_REUSEPORT allows several listeners on one port, and restarts too',
  claim:
    'Listeners of one user that all have SO_REUSEPORT share a port; one without it is refused, and SO_REUSEADDR is no ' +
    'substitute. Over TIME_WAIT the option works like SO_REUSEADDR, if both sockets have it.',
  source: ['socket(7), SO_REUSEPORT', 'Linux: inet_bind_conflict(), sk_reuseport_match()'],
  decides: [],
  control: 'end',
  peers: 6,

  async run({ lab, expect, step }) {
    const sharing = { reuseAddress: 'off', reusePort: 'on' } as const;

    await step('a second listener beside the first');
    const server = await lab.server({ ...sharing, conduct: 'reads' });
    const { port } = server;
    await expect(lab.server({ name: 'plain server', port, reuseAddress: 'off' })).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ name: 'other server', port, reuseAddress: 'on' })).fails('bind', 'EADDRINUSE');
    const beside = await lab.server({ name: 'second server', port, ...sharing });
    const ends = [...server.listener.ends, ...beside.listener.ends];
    await expect({ name: 'both listeners', ends }).state('LISTEN');

    await step('the second one stops; a client leaves TIME_WAIT at the first one');
    await beside.kill('SIGKILL');
    const client = await lab.client(server);
    await server.end();
    await client.end();
    await expect(server).state('TIME_WAIT');
    await server.kill('SIGKILL');
    await expect(lab.server({ name: 'restarted server', port, reuseAddress: 'on' })).fails(
      'bind',
      'EADDRINUSE',
    );
    await expect(lab.server({ name: 'restarted server', port, ...sharing })).serves();
  },
});
