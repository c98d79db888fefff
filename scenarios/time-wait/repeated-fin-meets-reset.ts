import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Without TIME_WAIT a RST answers the repeated FIN',
  claim:
    'If TIME_WAIT is gone when the passive side repeats its FIN, a RST answers it: LAST_ACK ends in an error, ' +
    'which shows at the next send and never in a read.',
  source: ['RFC 9293 section 3.6.1', 'Linux: tcp_reset(), tcp_sendmsg_locked()'],
  decides: ['C15'],
  needs: ['namespace'],
  control: 'destroy in kernel',
  peers: 3,

  async run({ lab, expect, step }) {
    await step('the client closes first, and the last ACK is lost');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    await server.deafen('bare ACKs');
    await server.shutdown('write');
    await expect(client).state('TIME_WAIT');
    await expect(server).state('LAST_ACK');

    await step('TIME_WAIT is destroyed, and the FIN is repeated');
    await lab.kernel.destroySockets(client);
    await expect(client).gone();
    await expect(server, { supports: 'C15' }).gone();

    await step('which errors the server gets');
    await expect(server, { title: 'its read', refutes: 'C15/read' }).reads('end');
    await expect(server, { title: 'its first send', supports: 'C15' }).sends('ECONNRESET');
    await expect(server, { title: 'its second send' }).sends('EPIPE');
  },
});
