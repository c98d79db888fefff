import { integer, scenario } from '../../src/index.ts';
import { lastAnswer } from '../../src/kit/kit.ts';

export default scenario({
  title: 'FIN_WAIT2 is half a connection, and that half works',
  claim:
    'After its FIN is acknowledged a side is in FIN_WAIT2: it can no longer send, but receives whatever the other side ' +
    'still sends, however much, and no timer limits it.',
  source: ['RFC 9293 section 3.6', 'Linux: tcp_rcv_state_process()'],
  decides: ['C24', 'C46'],
  control: 'end',
  parameters: { bytes: integer(1 << 20, { min: 1, max: 1 << 30 }, 'send n bytes back') },

  async run({ lab, expect, step, bytes }) {
    await step('the client ends its half');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2', { process: client, timer: 'none' });
    await expect(server).state('CLOSE_WAIT', { process: server });

    await step(`the server still sends ${bytes} bytes, and the client reads them`);
    const [written, read] = await Promise.all([server.write(bytes), client.read(bytes)]);
    expect
      .value('bytes accepted at the server', written, {
        without: 'last write',
        supports: 'C24/sends',
        otherwise: 0,
        derived: lastAnswer(server, 'write', 'inKernel'),
      })
      .equals(bytes);
    expect
      .value('bytes read at the client', read.bytes, {
        without: 'last write',
        supports: ['C24/receives', 'C46'],
        otherwise: 0,
        derived: lastAnswer(client, 'read', 'bytes'),
      })
      .equals(bytes);
    await expect(client, { supports: 'C24/receives' }).state('FIN_WAIT2', { withinMs: 0 });

    await step('the client itself can no longer send');
    await expect(client, { supports: 'C46', otherwise: 'a byte' }).sends('EPIPE');
  },
});
