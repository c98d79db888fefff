import { integer, scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A receive or send that times out leaves the connection alone',
  claim:
    'SO_RCVTIMEO and SO_SNDTIMEO end a call with EAGAIN and nothing else: the connection stays ESTABLISHED and works.',
  source: ['socket(7), SO_RCVTIMEO and SO_SNDTIMEO', 'Linux: sock_rcvtimeo(), sk_stream_wait_memory()'],
  decides: ['C19'],
  control: 'block in',
  parameters: { milliseconds: integer(300, { min: 50, max: 10_000 }, 'set the timeout to n milliseconds') },

  async run({ lab, expect, step, milliseconds }) {
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });

    await step('a receive with nothing to receive');
    await client.setOption('SO_RCVTIMEO', milliseconds);
    const receive = await client.blockIn('recv', 100);
    expect.value('recv', receive.errno ?? `${receive.bytes} bytes`).equals('EAGAIN');
    expect.span('it took', receive.blockedMs).atLeast(milliseconds);
    await expect(client, {
      refutes: 'C19/recv',
      otherwise: 'gone',
      uncontrolled: 'nothing happens to the connection: that the call timed out is shown by "recv"',
    }).state('ESTABLISHED');

    await step('a send that the other side does not read');
    await client.setOption('SO_SNDTIMEO', milliseconds);
    await client.fill();
    // What is acknowledged before the window closes makes room for a little more.
    await expect(client).state('ESTABLISHED', { timer: 'persist' });
    await client.fill();
    const send = await client.blockIn('send', 100_000);
    expect.value('send', send.errno ?? `${send.bytes} bytes`).equals('EAGAIN');
    expect.span('it took', send.blockedMs).atLeast(milliseconds);
    await expect(client, {
      refutes: 'C19/send',
      otherwise: 'gone',
      uncontrolled: 'nothing happens to the connection: that the call timed out is shown by "send"',
    }).state('ESTABLISHED');

    await step('and the connection works');
    await client.end();
    const { ended } = await server.read();
    expect.value('read at the server, to the', ended).equals('end');
  },
});
