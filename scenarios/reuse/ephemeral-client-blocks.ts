import { scenario } from '../../src/index.ts';

export default scenario({
  title: "A client on the server's port keeps the server from starting",
  claim:
    'If the kernel has given a port to an outgoing connection, a server cannot bind it, not even with SO_REUSEADDR, ' +
    'neither while the connection lives nor in its TIME_WAIT: a plain client has the option off.',
  source: ['ip-sysctl: ip_local_port_range, ip_local_reserved_ports', 'Linux: inet_bind_conflict()'],
  decides: [],
  control: 'end',
  peers: 4,

  async run({ lab, expect, step }) {
    await step('a client connects from a port that the kernel chose');
    const somewhere = await lab.server({ name: 'some server', conduct: 'reads' });
    const client = await lab.client(somewhere);
    const { address, port } = client.connection.local;
    const there = { name: 'new server', host: 'client', address, port } as const;
    await expect(lab.server({ ...there, reuseAddress: 'on' })).fails('bind', 'EADDRINUSE');

    await step('it closes first: its TIME_WAIT is on that port');
    await client.end();
    await expect(client).state('TIME_WAIT');
    await expect(lab.server({ ...there, reuseAddress: 'off' })).fails('bind', 'EADDRINUSE');
    await expect(lab.server({ ...there, reuseAddress: 'on' }), {
      note: 'the client had not set it',
    }).fails('bind', 'EADDRINUSE');

    await step('a client that had set it blocks nothing once it is in TIME_WAIT');
    const localPort = await lab.freePort();
    const polite = await lab.client(somewhere, { name: 'polite client', localPort, reuseAddress: 'on' });
    await polite.end();
    await expect(polite).state('TIME_WAIT');
    await expect(lab.server({ ...there, port: localPort, reuseAddress: 'on' })).serves();
  },
});
