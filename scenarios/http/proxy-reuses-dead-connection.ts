import { scenario } from '../../src/index.ts';

const request = 'POST / HTTP/1.1\r\nHost: lab\r\nContent-Length: 0\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const badGateway = 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n';

export default scenario({
  title: 'A proxy uses a dead connection again, and the client gets 502',
  claim:
    'A proxy that sends a request on a pooled connection which the server has closed can only pass on an error, although ' +
    'the server is healthy; a proxy that looks for the FIN first, and connects again, gets the answer.',
  source: ['RFC 9112 section 9.5', 'RFC 9110 section 15.6.3', 'Linux: tcp_rcv_state_process()'],
  decides: [],
  control: 'destroy',
  peers: 3,

  async run({ lab, expect, step }) {
    const server = await lab.server();
    const proxy = await lab.server({ name: 'proxy' });
    const client = await lab.client(proxy);

    await step('the proxy has a connection to the server in its pool, and the server closes it');
    const pooled = await lab.client(server, { name: 'pooled connection', process: proxy });
    await server.destroy();
    await expect(pooled).state('CLOSE_WAIT', { process: proxy });

    await step('a request comes, and the proxy passes it on without looking');
    await client.write(request);
    await expect(proxy).receives(request.length);
    await pooled.send((await proxy.receive()).text);
    await expect(pooled, { note: "the server's kernel has answered with RST" }).gone();
    await expect(pooled, { title: 'instead of an answer' }).reads('end');
    await proxy.write(badGateway);
    await expect(client).receives(badGateway.length);
    expect.value('what the client gets', (await client.receive()).text).equals(badGateway);

    await step('the same with a look: recv(2) shows the FIN, so the proxy connects again');
    server.forget();
    const looked = await lab.client(server, { name: 'looked at', process: proxy });
    await server.destroy();
    await expect(looked).state('CLOSE_WAIT', { process: proxy });
    await expect(looked, { title: 'the look' }).reads('end');
    server.forget();
    const fresh = await lab.client(server, { name: 'new connection', process: proxy });
    await fresh.write(request);
    await expect(server).receives(request.length);
    await server.write(answer);
    await expect(fresh).receives(answer.length);
    await proxy.write((await fresh.receive()).text);
    await expect(client).receives(answer.length);
    expect.value('what the client gets', (await client.receive()).text).equals(answer);
  },
});
