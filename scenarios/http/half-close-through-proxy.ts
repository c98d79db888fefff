import { scenario } from '../../src/index.ts';
import { has } from '../../src/kit/kit.ts';

const request = 'SUM 1 2 3\n';
const answer = '6\n';

export default scenario({
  title: 'A half-close passes through a proxy, if the proxy passes it on',
  claim:
    'A proxy that answers the FIN of its client with a FIN to the server, and keeps the other direction, loses nothing; ' +
    'one that treats the FIN as the end of both directions closes the connection before the answer, which the client never ' +
    'gets.',
  source: ['RFC 9293 section 3.6', 'RFC 9112 section 9.6', 'shutdown(2)'],
  decides: [],
  needs: ['packets'],
  control: 'shutdown',
  peers: 4,

  async run({ lab, expect, step }) {
    const server = await lab.server();
    const proxy = await lab.server({ name: 'proxy' });

    await step('the client sends a request and ends its half; the proxy passes both on');
    const client = await lab.client(proxy);
    const inner = await lab.client(server, { name: 'inner connection', process: proxy });
    await client.send(request);
    await client.shutdown('write');
    await expect(proxy).state('CLOSE_WAIT', { process: proxy });
    await inner.send((await proxy.receive()).text);
    await inner.shutdown('write');
    await expect(server).state('CLOSE_WAIT', { process: server });
    expect.value('what the server gets', (await server.receive()).text).equals(request);
    await expect(server, { title: 'and then' }).reads('end');
    await server.send(answer);
    await server.destroy();
    await expect(inner).state('TIME_WAIT');
    await proxy.send((await inner.receive()).text);
    await proxy.destroy();
    await expect(client).state('TIME_WAIT');
    expect.value('what the client gets', (await client.receive()).text).equals(answer);
    await expect(client, { title: 'and then' }).reads('end');

    await step('the same, but the proxy treats the FIN as the end of both directions');
    server.forget();
    proxy.forget();
    const other = await lab.client(proxy, { name: 'other client' });
    const cut = await lab.client(server, { name: 'cut connection', process: proxy });
    await other.send(request);
    await other.shutdown('write');
    await expect(proxy).state('CLOSE_WAIT', { process: proxy });
    await cut.send((await proxy.receive()).text);
    await cut.destroy();
    await proxy.destroy();
    await expect(server).state('CLOSE_WAIT', { process: server });
    await server.receive();
    await server.send(answer);
    await expect(server, { note: 'the answer met a closed socket: RST' }).gone();
    await expect(other, { title: 'what the other client gets' }).reads('end');
    const { segments } = await lab.wire.captured(cut, ({ segments }) =>
      segments.some((one) => has(one, 'RST')),
    );
    const sender = segments.find((one) => has(one, 'RST'))?.sender ?? 'nobody';
    expect.value('who sent RST on the cut connection', sender).equals('client');
  },
});
