import { scenario } from '../../src/index.ts';

const request = 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n';

export default scenario({
  title: 'tcp_migrate_req moves the accept queue to the next listener',
  claim:
    'With net.ipv4.tcp_migrate_req = 1 the connections in the accept queue of a listener that closes are moved to another one of the ' +
    'same SO_REUSEPORT group, which accepts them with the data they have sent; nothing is lost.',
  source: ['ip-sysctl: tcp_migrate_req', 'Linux: inet_csk_listen_stop(), reuseport_migrate_sock()'],
  decides: [],
  needs: ['namespace', 'tcp_migrate_req'],
  control: 'sysctl',
  peers: 3,

  async run({ lab, expect, step }) {
    await lab.kernel.sysctl('net.ipv4.tcp_migrate_req', 1);
    const sharing = { reuseAddress: 'off', reusePort: 'on' } as const;

    await step('a client is in the accept queue of the old server');
    const old = await lab.server({ name: 'old server', ...sharing, accepting: 'later' });
    const client = await lab.client(old, { acceptance: 'not awaited' });
    await client.send(request);
    await expect(client.otherSide).state('ESTABLISHED', { process: 'none' });

    await step('the new server listens on the same port; then the old one closes its listener');
    const next = await lab.server({ name: 'new server', port: old.port, ...sharing });
    await old.stopListening();
    await expect(client.otherSide, { note: 'accepted by the new server' }).state('ESTABLISHED', {
      process: next,
    });

    await step('it reads what the client had sent to the old one, and answers');
    const end = await next.connectionTo(client.connection);
    expect.value('its client', end.remote.port).equals(client.connection.local.port);
    expect.value('what it reads', (await next.receive()).text).equals(request);
    await next.write('answer');
    await expect(client).receives(6);
    expect.value('what the client gets', (await client.receive()).text).equals('answer');
  },
});
