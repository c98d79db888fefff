import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

const first = 'GET /1 HTTP/1.1\r\nHost: lab\r\n\r\n';
const second = 'GET /2 HTTP/1.1\r\nHost: lab\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export default scenario({
  title: 'A pipelined request turns the close of the server into a reset',
  claim:
    'A server that answers one request with Connection: close, and closes while the next one waits unread, sends RST instead of FIN: ' +
    'the client may read the answer that has arrived, and then gets ECONNRESET.',
  source: ['RFC 9112 section 9.3.2, 9.6', 'RFC 1122 section 4.2.2.13', 'Linux: __tcp_close()'],
  decides: [],
  needs: ['packets'],
  control: 'write',

  async run({ lab, expect, step }) {
    await step('the client sends two requests, one behind the other');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.send(first);
    await client.write(second);
    await expect(server).receives(first.length + second.length);

    await step('the server reads the first, answers it with Connection: close, and closes');
    const { text } = await server.receive(first.length);
    expect.value('the request that was read', text).equals(first);
    await server.send(answer);
    await server.destroy();
    await expect(server).gone();
    await expect(client).gone();

    await step('what the client gets');
    expect.value('the answer', (await client.receive()).text).equals(answer);
    await expect(client, { title: 'and then' }).reads('ECONNRESET');
    const { segments } = await lab.wire.captured(client, ({ segments }) =>
      segments.some((one) => has(one, 'RST')),
    );
    const ends = segments.filter((one) => has(one, 'FIN') || has(one, 'RST'));
    const shown = ends.map((one) => `${one.sender} ${has(one, 'RST') ? 'RST' : 'FIN'}`);
    expect.value('what ended the connection', shown.join(', ')).equals('server RST');
  },
});
