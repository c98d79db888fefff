import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

const request = 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n';

export default scenario({
  title: 'A listener that closes resets its accept queue',
  claim:
    'Connections that the kernel has completed and no process has accepted are reset when their listener closes, even if the client ' +
    'has sent its request: it gets ECONNRESET from a server that it had reached.',
  source: ['accept(2)', 'Linux: inet_csk_listen_stop(), inet_child_forget()'],
  decides: [],
  needs: ['packets'],
  control: 'stop listening',

  async run({ lab, expect, step }) {
    await step('a client connects and sends; the server has not called accept()');
    const server = await lab.server({ accepting: 'later' });
    const client = await lab.client(server, { acceptance: 'not awaited' });
    await client.send(request);
    await expect(client).state('ESTABLISHED', { process: client });
    await expect(client.otherSide, { note: 'in the accept queue' }).state('ESTABLISHED', { process: 'none' });

    await step('the listener is closed, as by a server that hands over to the next one');
    await server.stopListening();
    await expect(client).gone();
    await expect(client, { title: 'instead of an answer' }).reads('ECONNRESET');
    const { segments } = await lab.wire.captured(client, ({ segments }) =>
      segments.some((one) => has(one, 'RST')),
    );
    const ends = segments.filter((one) => has(one, 'FIN') || has(one, 'RST'));
    const shown = ends.map((one) => `${one.sender} ${has(one, 'RST') ? 'RST' : 'FIN'}`);
    expect.value('what ended the connection', shown.join(', ')).equals('server RST');
  },
});
