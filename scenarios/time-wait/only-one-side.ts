import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Only the side that closes first waits',
  claim:
    'Of an orderly close exactly one side keeps TIME_WAIT: the one whose FIN came first, be it server or client.',
  source: ['RFC 9293 section 3.6', 'Linux: tcp_time_wait()'],
  decides: ['C11', 'C12'],
  control: 'end',
  peers: 4,

  async run({ lab, expect, step }) {
    await step('the server closes first');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.end();
    await expect(client).state('CLOSE_WAIT');
    await client.end();
    await expect(server, { supports: 'C11', otherwise: 'gone' }).state('TIME_WAIT', { process: 'none' });
    await expect(client, { supports: ['C11', 'C12'], otherwise: 'TIME_WAIT' }).gone();

    await step('the client closes first');
    const second = await lab.server({ name: 'second server' });
    const first = await lab.client(second, { name: 'first client' });
    await first.end();
    await expect(second).state('CLOSE_WAIT');
    await second.end();
    await expect(first, { supports: 'C11', otherwise: 'gone' }).state('TIME_WAIT', { process: 'none' });
    await expect(second, { supports: ['C11', 'C12'], otherwise: 'TIME_WAIT' }).gone();
  },
});
