import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'shutdown(SHUT_RD) drops nothing on Linux',
  claim:
    'After shutdown(SHUT_RD) a read with nothing there returns 0 at once; data that arrives later is acknowledged, queued, ' +
    'and can be read all the same.',
  source: [
    'shutdown(2)',
    'POSIX shutdown()',
    'Linux: tcp_shutdown() (only SEND_SHUTDOWN is told to the network)',
  ],
  decides: ['C45'],
  control: 'shutdown',

  async run({ lab, expect, step }) {
    await step('the server shuts its reading side down');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.shutdown('read');
    const empty = await server.receive();
    expect.value('read, nothing there', empty.errno ?? `${empty.bytes} bytes`).equals('0 bytes');
    await expect(client, { note: 'the client is told nothing' }).state('ESTABLISHED');

    await step('the client sends');
    await client.write('hello');
    const [row] = await expect(client).state('ESTABLISHED', { sendQueue: 0 });
    expect.value('not acknowledged', row?.sendQueue ?? Number.NaN).equals(0);
    const read = await server.receive();
    expect.value('read, data there', read.errno ?? read.text, { refutes: 'C45' }).equals('hello');
  },
});
