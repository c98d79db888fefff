import { scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'The side that closes second goes through LAST_ACK and is gone',
  claim:
    'The passive side goes from CLOSE_WAIT to LAST_ACK when it closes, and is gone as soon as its FIN is acknowledged: it ' +
    'never waits, and leaves nothing.',
  source: ['RFC 9293 section 3.6, figure 12', 'Linux: tcp_rcv_state_process() (TCP_LAST_ACK)'],
  decides: ['C12'],
  control: 'shutdown',
  takes: 1.5,

  async run({ lab, expect, step }) {
    await step('the client closes first');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.shutdown('write');
    await expect(server, { supports: 'C12', otherwise: 'gone' }).state('CLOSE_WAIT');

    await step('the server closes behind data that the client does not read yet');
    await server.fill();
    await server.shutdown('write');
    await expect(server, { supports: 'C12', otherwise: 'gone' }).state('LAST_ACK', { timer: 'persist' });
    await expect(server).stays('LAST_ACK', 1000);

    await step('the client reads, and acknowledges the FIN');
    await client.read();
    await expect(server, { supports: 'C12', otherwise: 'TIME_WAIT' }).gone();
    await expect(client).state('TIME_WAIT', { process: 'none' });
  },
});
