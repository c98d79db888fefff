import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

const request = 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n';

export default scenario({
  title: 'A connection in SYN_RECV learns of the closed listener when it sends',
  claim:
    'A connection that is still in SYN_RECV at the server when the listener closes is dropped without a segment: the client stays ' +
    'ESTABLISHED, and its first bytes are answered with RST.',
  source: ['tcp(7), TCP_DEFER_ACCEPT', 'Linux: inet_csk_listen_stop(), tcp_v4_rcv()'],
  decides: [],
  needs: ['packets'],
  control: 'stop listening',

  async run({ lab, expect, step }) {
    await step(
      'the server defers its clients until they send (TCP_DEFER_ACCEPT), so that one is in SYN_RECV',
    );
    const server = await lab.server({ accepting: 'later', options: { TCP_DEFER_ACCEPT: 10 } });
    const client = await lab.client(server, { acceptance: 'not awaited' });
    await expect(client.otherSide).state('SYN_RECV', { process: 'none' });
    await expect(client).state('ESTABLISHED', { process: client });

    await step('the listener is closed');
    await server.stopListening();
    await expect(server.listener).gone();
    await expect(client).stays('ESTABLISHED', 100, { process: client });

    await step('the client sends its request');
    await client.send(request);
    await expect(client).gone();
    await expect(client, { title: 'instead of an answer' }).reads('ECONNRESET');
    const { segments } = await lab.wire.captured(client, ({ segments }) =>
      segments.some((one) => has(one, 'RST')),
    );
    const after = segments.filter((one) => one.length > 0 || has(one, 'RST') || has(one, 'FIN'));
    const shown = after.map((one) => `${one.sender} ${has(one, 'RST') ? 'RST' : 'data'}`);
    expect.value('the last segments', shown.join(', ')).equals('client data, server RST');
  },
});
