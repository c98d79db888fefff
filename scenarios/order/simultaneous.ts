import { scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Both sides close at once, and both wait',
  claim:
    'If each side closes before the FIN of the other has arrived, the side whose own FIN is not acknowledged yet passes through ' +
    'CLOSING, and both sides end in TIME_WAIT.',
  source: ['RFC 9293 section 3.6, figure 13', 'Linux: tcp_fin(), tcp_rcv_state_process()'],
  decides: ['C11', 'C26'],
  control: 'shutdown',
  peers: 2,

  async run({ lab, expect, step }) {
    await step('both sides have more to send than the other reads');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.fill();
    await server.fill();

    await step('both close: each FIN waits behind unread data');
    await client.shutdown('write');
    await server.shutdown('write');
    await expect(client).state('FIN_WAIT1', { timer: 'persist' });
    await expect(server).state('FIN_WAIT1', { timer: 'persist' });

    await step('the client reads everything, up to the FIN of the server');
    await client.read();
    await expect(client, { supports: 'C26/simultaneous', otherwise: ['FIN_WAIT2', 'TIME_WAIT'] }).state(
      'CLOSING',
    );
    await expect(server).state('FIN_WAIT2');

    await step('the server reads, too');
    await server.read();
    await expect(client, { refutes: 'C11/simultaneous', otherwise: 'gone' }).state('TIME_WAIT');
    await expect(server, { refutes: 'C11/simultaneous', otherwise: 'gone' }).state('TIME_WAIT');
  },
});
