import { scenario } from '../../src/index.ts';

export default scenario({
  title: 'Writing to a peer that has closed succeeds once, then fails with EPIPE',
  claim:
    'After the other side has fully closed, the first write succeeds and is answered with RST; the next one fails with ' +
    'EPIPE.',
  source: ['RFC 9293 section 3.10.7.1', 'send(2), EPIPE', 'Linux: tcp_reset() (EPIPE in CLOSE_WAIT)'],
  decides: ['C53'],
  control: 'destroy',

  async run({ lab, expect, step }) {
    await step('the server closes');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.destroy();
    await expect(client).state('CLOSE_WAIT');

    await step('the client writes');
    await expect(client, { title: 'first write', supports: 'C53' }).sends('a byte');
    await expect(client, { note: 'the answer was a RST', supports: 'C53' }).gone();

    await step('and writes again');
    await expect(client, { title: 'second write', supports: 'C53' }).sends('EPIPE');
  },
});
