import { scenario } from '../../src/index.ts';
import { howEnded, lastAnswer } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Data that the kernel accepted arrives, even if the process is gone',
  claim:
    'Without SO_LINGER the kernel loses nothing that it has accepted: it delivers the data after close(), and after the ' +
    'process has ended, followed by an orderly end.',
  source: ['close(2)', 'RFC 9293 section 3.10.4', 'Linux: tcp_close() (the socket lives on without owner)'],
  decides: ['C50'],
  control: 'fill',

  async run({ lab, expect, step }) {
    await step('the client sends as much as the kernel accepts, and the server reads nothing yet');
    const server = await lab.server();
    const client = await lab.client(server);
    const written = await client.fill();
    expect.value('bytes that the kernel accepted', written).atLeast(100_000);

    await step('the client closes, and its process ends');
    await client.destroy();
    await expect(client).state('FIN_WAIT1', { process: 'none' });
    expect.value('its process', howEnded(await client.die('exit 0'))).equals('status 0');
    await expect(client).state('FIN_WAIT1', { process: 'none' });

    await step('the server reads');
    const under = 'nothing unread, and all of it in the kernel';
    const read = await server.read();
    expect
      .value('bytes read', read.bytes, {
        without: 'last read',
        supports: 'C50',
        under,
        otherwise: { atMost: written - 1 },
        derived: lastAnswer(server, 'read', 'bytes'),
      })
      .equals(written);
    expect
      .value('and then', read.ended, {
        ...{ without: 'last read', supports: 'C50', under },
        derived: lastAnswer(server, 'read', 'ended'),
      })
      .equals('end');
  },
});
