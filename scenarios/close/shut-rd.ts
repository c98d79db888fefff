import { scenario } from '../../src/index.ts';
import { answersOf } from '../../src/kit/kit.ts';

export default scenario({
  title: 'shutdown(SHUT_RD) drops nothing on Linux',
  claim:
    'After shutdown(SHUT_RD) a read from an empty queue returns 0 at once; data that arrives later is acknowledged, queued, ' +
    'and can still be read.',
  source: ['shutdown(2)', 'POSIX shutdown()', 'Linux: tcp_shutdown() (only SEND_SHUTDOWN sends a segment)'],
  decides: ['C45'],
  control: 'shutdown',

  async run({ lab, expect, step }) {
    await step('the server shuts down its reading side');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.shutdown('read');
    await expect(server, { title: 'read, nothing there' }).reads('end');
    await expect(client, { note: 'nothing is sent to the client' }).state('ESTABLISHED');

    await step('the client sends');
    await client.write('hello');
    const [row] = await expect(client).state('ESTABLISHED', { sendQueue: 0 });
    expect
      .value('bytes not acknowledged', row?.sendQueue ?? Number.NaN, {
        supports: 'C45/acknowledged',
        uncontrolled:
          'it is acknowledged with shutdown() and without: that data was sent is shown by "read, data there"',
        otherwise: 'hello'.length,
        derived: { from: 'table', of: client, jq: 'first.sendQueue' },
      })
      .equals(0);
    const read = await server.receive();
    // A read from an empty queue gives the end.
    expect
      .value('read, data there', read.errno ?? read.text, {
        without: 'last receive',
        refutes: 'C45/dropped',
        otherwise: '',
        derived: { from: 'answers', jq: `${answersOf(server, 'receive')} | last.result | .errno // .text` },
      })
      .equals('hello');
  },
});
