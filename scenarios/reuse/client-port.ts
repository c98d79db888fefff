import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'A client that closed first cannot bind its port again at once',
  claim:
    'A client that binds a local port and closes first finds the port blocked by its own TIME_WAIT when it binds it again, ' +
    'unless SO_REUSEADDR is set on both its old and its new socket.',
  source: ['ip(7), bind', 'Linux: inet_csk_get_port(), inet_bind_conflict()'],
  decides: ['C08'],
  control: 'end',
  peers: 4,

  async run({ lab, expect, step }) {
    const server = await lab.server({ conduct: 'reads' });

    await step('a client binds a port, closes first, and connects again');
    const localPort = await lab.freePort();
    const client = await lab.client(server, { localPort });
    await client.end();
    await expect(client).state('TIME_WAIT');
    await client.kill('SIGKILL');
    await expect(lab.client(server, { localPort, name: 'same client' }), {
      supports: 'C08',
      uncontrolled:
        'the port is taken before the close as well: that it can be bound again is shown by "after the server closed first"',
      otherwise: 'connected',
      under: 'SO_REUSEADDR off',
    }).fails('bind', 'EADDRINUSE');

    await step('the same with SO_REUSEADDR both times');
    const otherPort = await lab.freePort();
    const reuse = { localPort: otherPort, reuseAddress: 'on' } as const;
    const prudent = await lab.client(server, { ...reuse, name: 'prudent client' });
    await prudent.end();
    await expect(prudent).state('TIME_WAIT');
    await prudent.kill('SIGKILL');
    await expect(lab.client(server, { ...reuse, name: 'same client' }), {
      refutes: ['C08', 'C08/reuse'],
      uncontrolled:
        'nothing in the way is left out: that a client can find its port taken is shown by "after the server closed first"',
      otherwise: 'bind: EADDRINUSE',
      under: 'SO_REUSEADDR on at both sockets',
    }).connects();

    await step('without SO_REUSEADDR, and the server closes first');
    const thirdPort = await lab.freePort();
    const patient = await lab.client(server, { localPort: thirdPort, name: 'patient client' });
    await server.endTo(patient);
    await expect(patient).state('CLOSE_WAIT');
    await patient.end();
    await expect(patient).gone();
    await patient.kill('SIGKILL');
    await expect(lab.client(server, { localPort: thirdPort, name: 'same client' }), {
      title: 'after the server closed first',
      without: 'end 3',
    }).connects();
  },
});
