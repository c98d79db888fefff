import { scenario } from '../../src/index.ts';

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export default scenario({
  title: 'After Connection: close the side that closes first still waits',
  claim:
    'A server that announces the end of a connection and ends it itself is left in TIME_WAIT; if it leaves the close to the client, ' +
    'which is allowed to close after such an answer, the client is.',
  source: ['RFC 9112 section 9.6', 'RFC 9293 section 3.6'],
  decides: [],
  control: 'end',
  peers: 3,

  async run({ lab, expect, step }) {
    const server = await lab.server();

    await step('the server answers with Connection: close, and closes; the client follows');
    const client = await lab.client(server);
    await server.write(answer);
    await server.end();
    await expect(client).state('CLOSE_WAIT', { process: client });
    await client.receive();
    await client.destroy();
    await expect(server).state('TIME_WAIT', { process: 'none' });
    await expect(client).gone();

    await step('the same answer, and the client closes when it has read it');
    server.forget();
    const hasty = await lab.client(server, { name: 'hasty client' });
    await server.write(answer);
    await expect(hasty).receives(answer.length);
    await hasty.receive();
    await hasty.destroy();
    await expect(server).state('CLOSE_WAIT', { process: server });
    await server.destroy();
    await expect(hasty).state('TIME_WAIT', { process: 'none' });
    await expect(server).gone();
  },
});
