import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'As long as TIME_WAIT lasts, the pair cannot be connected again',
  claim:
    'Without timestamps TIME_WAIT alone protects from old segments: until it has ended, the same two ports cannot be connected ' +
    'again, so no connection can take an old segment for a new one.',
  source: ['RFC 9293 section 3.4.3', 'Linux: tcp_twsk_unique(), __inet_check_established()'],
  decides: ['C30'],
  needs: ['packets'],
  control: 'sysctl',
  peers: 2,

  async run({ lab, expect, step }) {
    await lab.kernel.sysctl('net.ipv4.tcp_timestamps', 0);
    // The RST for the closed end must not end TIME_WAIT early.
    await lab.kernel.sysctl('net.ipv4.tcp_rfc1337', 1);

    await step('a connection sends something and ends, the client first');
    const server = await lab.server();
    const localPort = await lab.freePort();
    const client = await lab.client(server, { localPort, reuseAddress: 'on' });
    await server.write('old news');
    await client.read(8);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    await server.end();
    await expect(client).state('TIME_WAIT');
    await expect(server).gone();
    server.forget();

    await step('the same two ports, connected again');
    const again = () =>
      lab.client(server, { localPort, reuseAddress: 'on', process: client, name: 'new client' });
    await expect(again(), { supports: 'C30' }).fails('connect', 'EADDRNOTAVAIL');

    await step('an old segment arrives again: TIME_WAIT answers it, and stays');
    const { segments } = await lab.wire.captured(client);
    const old = segments.filter(({ sender, length }) => sender === 'server' && length > 0);
    await lab.wire.replay(old);
    const { segments: after } = await lab.wire.captured(
      client,
      (now) => now.segments.length > segments.length + 1,
    );
    const answers = after.slice(segments.length + old.length).filter(({ sender }) => sender === 'client');
    expect.value('it answers', answers[0]?.flags.join(' ') ?? 'nothing', { supports: 'C30' }).equals('ACK');
    await expect(client, { supports: 'C30' }).state('TIME_WAIT');

    await step('only TIME_WAIT is removed');
    await lab.kernel.destroySockets(client);
    await expect(again()).connects();
  },
});
