import { scenario } from '../../src/index.ts';
import { inFigure } from '../../src/kit/kit.ts';

export default scenario({
  title: 'One segment is enough to end a connection: RST',
  claim:
    'A close with SO_LINGER on and 0 seconds sends one segment, RST, at the next sequence number; nothing answers it, and ' +
    'neither side keeps anything.',
  source: ['RFC 9293 section 3.5.2', 'Linux: tcp_disconnect(), tcp_send_active_reset()'],
  decides: ['C47', 'C48'],
  needs: ['packets'],
  control: 'linger',

  async run({ lab, expect, step }) {
    await step('some bytes pass in both directions, all of them read');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write('question');
    await server.read(8);
    await server.write('answer');
    await client.read(6);
    const before = (await lab.wire.captured(client)).segments.length;

    await step('the client closes with SO_LINGER {on, 0}');
    await client.linger(0);
    await client.destroy();
    await expect(client, { supports: 'C47/no TIME_WAIT', otherwise: ['FIN_WAIT2', 'TIME_WAIT'] }).gone();
    await expect(server).gone();

    await step('what was captured since');
    const { segments } = await lab.wire.captured(client);
    const close = segments.slice(before).filter(({ flags }) => flags.join() !== 'ACK');
    const captured = inFigure(close, { sequence: 100, acknowledgment: 300 });
    const one = 'client <SEQ=100> <ACK=300> <CTL=RST,ACK>';
    expect
      .value('segments', captured.join('; '), {
        supports: 'C47/RST',
        refutes: 'C48',
        segments: { of: client, after: before, filter: 'tcp.flags != 0x010', shown: 'figure' },
      })
      .equals(one);
  },
});
