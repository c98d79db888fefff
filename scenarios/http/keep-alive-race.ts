import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

const request = 'GET / HTTP/1.1\r\nHost: lab\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

export default scenario({
  title: 'The idle connection closes under a request',
  claim:
    'A client that sends on a kept connection, without checking whether the server has closed it, gets no error from send; the ' +
    "server's kernel answers with RST, and the client gets the end of the stream instead of an answer.",
  source: [
    'RFC 9112 section 9.5',
    'RFC 9293 section 3.10.7.1',
    'Linux: tcp_rcv_state_process(), tcp_reset()',
  ],
  decides: [],
  needs: ['packets'],
  control: 'destroy',

  async run({ lab, expect, step }) {
    await step('a request is answered, and both sides keep the connection');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write(request);
    await expect(server).receives(request.length);
    await server.receive();
    await server.write(answer);
    await expect(client).receives(answer.length);
    await client.receive();

    await step("the server's idle timeout expires: it closes, and the client does not look");
    await server.destroy();
    await expect(client).state('CLOSE_WAIT', { process: client });

    await step('the client sends its next request');
    const sent = await client.send(request);
    expect.value('bytes that send(2) accepted', sent.bytes).equals(request.length);
    await expect(client, { note: 'the RST has arrived' }).gone();
    await expect(client, { title: 'instead of an answer' }).reads('end');
    await expect(client, { title: 'the next send' }).sends('EPIPE');

    await step('what was captured');
    const { segments } = await lab.wire.captured(client, ({ segments }) =>
      segments.some((one) => has(one, 'RST')),
    );
    const last = segments.filter((one) => has(one, 'FIN') || has(one, 'RST') || one.length > 0).slice(-3);
    const shown = last.map(
      (one) => `${one.sender} ${has(one, 'FIN') ? 'FIN' : has(one, 'RST') ? 'RST' : 'data'}`,
    );
    expect.value('the last segments', shown.join(', ')).equals('server FIN, client data, server RST');
  },
});
