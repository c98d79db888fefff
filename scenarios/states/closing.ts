import { scenario } from '../../src/index.ts';
import { behindZeroWindow } from '../../src/kit/kit.ts';

export default scenario({
  title: 'A FIN that arrives before our own is acknowledged leads to CLOSING',
  claim:
    'A side in FIN_WAIT1 that receives a FIN which does not acknowledge its own goes to CLOSING, stays there until the ' +
    'acknowledgment comes, and then goes to TIME_WAIT.',
  source: ['RFC 9293 section 3.10.7.4', 'Linux: tcp_fin() (TCP_FIN_WAIT1)'],
  decides: ['C26'],
  control: 'fill',
  takes: 1.5,

  async run({ lab, expect, step }) {
    await step('the client closes behind data that the server does not read');
    const server = await lab.server({ options: behindZeroWindow });
    const client = await lab.client(server, { options: behindZeroWindow });
    await client.fill();
    await client.shutdown('write');
    await expect(client).state('FIN_WAIT1');

    await step('the server closes: its FIN arrives, while the one of the client waits behind data');
    await server.shutdown('write');
    await expect(client, { supports: 'C26/simultaneous', otherwise: ['FIN_WAIT2', 'TIME_WAIT'] }).state(
      'CLOSING',
      { timer: 'persist' },
    );
    await expect(client).stays('CLOSING', 1000);
    await expect(server).state('FIN_WAIT2');

    await step('the server reads: the FIN of the client comes with the data');
    await server.read();
    await expect(client, { without: 'last read', supports: 'C26/simultaneous', otherwise: 'gone' }).state(
      'TIME_WAIT',
      {
        process: 'none',
      },
    );
    await expect(server).state('TIME_WAIT', { process: 'none' });
  },
});
