import { integer, scenario } from '../../src/index.ts';
import { gapsOfRepeats } from '../../src/kit/kit.ts';

export default scenario({
  title: 'TCP_USER_TIMEOUT ends a connection that gets no answer',
  claim:
    'If sent data stays unacknowledged longer than TCP_USER_TIMEOUT, although it is sent again, the kernel gives up the connection: ' +
    'it is gone at once, the next call gets ETIMEDOUT, and the one after that EPIPE.',
  source: ['tcp(7), TCP_USER_TIMEOUT', 'RFC 5482', 'Linux: tcp_retransmit_timer(), tcp_write_timeout()'],
  decides: ['C19'],
  needs: ['packets'],
  control: 'set option',
  takes: 3.5,
  parameters: {
    milliseconds: integer(3000, { min: 1000, max: 60_000 }, 'set the timeout to n milliseconds'),
  },

  async run({ lab, expect, step, milliseconds }) {
    await step('a server that no longer hears anything, and a client that sends');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.setOption('TCP_USER_TIMEOUT', milliseconds);
    await server.deafen('everything');
    const startedAt = performance.now();
    await client.write('anybody there?');
    await expect(client).state('ESTABLISHED', { timer: 'on', sendQueue: 'anybody there?'.length });

    await step('the timeout passes');
    await expect(client, { supports: 'C19/retransmission', otherwise: 'ESTABLISHED' }).gone(
      milliseconds * 2 + 10_000,
    );
    expect.span('given up after', performance.now() - startedAt).atLeast(milliseconds);
    const { segments } = await lab.wire.captured(client);
    const again = gapsOfRepeats(segments, 'client').length;
    const sent = segments.findIndex(({ sender, length }) => sender === 'client' && length > 0);
    expect
      .value('sent again, times', again, {
        without: 'last write',
        supports: 'C19/retransmission',
        segments: {
          of: client,
          after: sent + 1,
          until: segments.length,
          filter: `tcp.len > 0 && tcp.dstport == ${server.port}`,
        },
      })
      .atLeast(1);
    const answers = segments.slice(sent).filter(({ sender }) => sender === 'server');
    expect.value('segments of the server since', answers.length).equals(0);
    await expect(client, {
      title: 'the next send',
      supports: 'C19/retransmission',
      otherwise: 'a byte',
    }).sends('ETIMEDOUT');
    await expect(client, { title: 'and the next' }).sends('EPIPE');
  },
});
