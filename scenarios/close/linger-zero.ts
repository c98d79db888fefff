import { scenario } from '../../src/index.ts';
import { behindZeroWindow, lastReceived, sumOfAnswers } from '../../src/kit/kit.ts';

export default scenario({
  title: 'SO_LINGER with 0 seconds discards the send buffer',
  claim:
    'With SO_LINGER on and 0 seconds, close() discards the send buffer: data that the other side had not received is lost, it ' +
    'gets ECONNRESET, and no TIME_WAIT is left.',
  source: ['socket(7), SO_LINGER', 'Linux: __tcp_close() (tcp_disconnect, tcp_send_active_reset)'],
  decides: ['C38', 'C47'],
  control: 'linger',

  async run({ lab, expect, step }) {
    await step('the client sends more than the server reads');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    const written = await client.fill();
    await expect(server).receives(1);

    await step('the client sets linger 0, and closes');
    await client.linger(0);
    await client.destroy();
    await expect(client, {
      supports: 'C47/no TIME_WAIT',
      otherwise: ['FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT'],
    }).gone();
    await expect(server).gone();

    await step('what the server still gets');
    const { bytes, end } = await server.receiveAll();
    expect.value('bytes that were sent', written).atLeast(1);
    expect
      .value('bytes that were read', bytes, {
        ...{ supports: ['C38', 'C47/buffer'], otherwise: written },
        derived: sumOfAnswers(server, 'receive', 'bytes'),
      })
      .atMost(written - 1);
    expect
      .value('and then', end, { supports: 'C38', otherwise: 'end', derived: lastReceived(server) })
      .equals('ECONNRESET');
  },
});
