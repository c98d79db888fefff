import { scenario } from '../../src/index.ts';

const head = 'POST /upload HTTP/1.1\r\nHost: lab\r\nContent-Length: 1000000\r\n\r\n';
const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export default scenario({
  title: 'A server that refuses an upload early loses its 413 to a reset',
  claim:
    'A server that answers before it has read the whole request, and closes, sends RST: an answer that has not arrived by then is ' +
    'never sent again, and the client gets ECONNRESET instead of 413.',
  source: [
    'RFC 9112 section 9.6',
    'RFC 1122 section 4.2.2.13',
    'Linux: __tcp_close(), tcp_send_active_reset()',
  ],
  decides: [],
  needs: ['namespace'],
  control: 'write',

  async run({ lab, expect, step }) {
    await step('the client uploads; the server reads only the head');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.send(head);
    await expect(server).receives(head.length);
    await server.receive(head.length);
    await client.write(4096);
    await expect(server).receives(4096);

    await step('the server answers 413 and closes, while the network loses what comes from it');
    await client.deafen('everything');
    await server.send(refusal);
    await server.destroy();
    await expect(server).gone();
    await client.hear();

    await step('the client continues its upload');
    await client.send(1000);
    await expect(client, { note: 'the answer to that is RST' }).gone();
    await expect(client, { title: 'instead of 413' }).reads('ECONNRESET');
  },
});
