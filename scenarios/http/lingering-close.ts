import { scenario } from '../../src/index.ts';

const head = 'POST /upload HTTP/1.1\r\nHost: lab\r\nContent-Length: 1000000\r\n\r\n';
const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

export default scenario({
  title: 'The lingering close saves the answer to a refused upload',
  claim:
    'A server that ends only its half after an early answer, and reads and discards until the client has ended too, sends no RST: the ' +
    'answer is sent again until it arrives, and the client reads it and then the end.',
  source: ['RFC 9112 section 9.6', 'nginx: lingering_close', 'Linux: tcp_shutdown()'],
  decides: [],
  needs: ['namespace'],
  control: 'shutdown',

  async run({ lab, expect, step }) {
    await lab.kernel.minimumRto(20);

    await step('the client uploads; the server reads only the head');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write(head);
    await client.write(4096);
    await expect(server).receives(head.length + 4096);
    await server.receive(head.length);

    await step('the server answers 413 and ends its half, while the network loses what comes from it');
    await client.deafen('everything');
    await server.send(refusal);
    await server.shutdown('write');
    await client.hear();

    await step('the client continues its upload; the server reads, and discards');
    await client.send(1000);
    await expect(client, { note: 'answer and FIN were sent again' }).state('CLOSE_WAIT', { process: client });
    expect.value('what the client gets', (await client.receive()).text).equals(refusal);
    await expect(client, { title: 'and then' }).reads('end');
    await client.end();
    const { bytes, end } = await server.receiveAll();
    expect.value('bytes that the server discarded', bytes).equals(5096);
    expect.value('and then', end).equals('end');
    await server.destroy();
    await expect(server).state('TIME_WAIT', { process: 'none' });
  },
});
