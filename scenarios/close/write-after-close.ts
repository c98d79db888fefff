import { scenario } from '../../src/index.ts';
import { flagsOf, has } from '../../src/kit/kit.ts';

export default scenario({
  title: 'Writing to a peer that has closed succeeds once, then fails with EPIPE',
  claim:
    'After the other side has fully closed, the first write succeeds and is answered with RST; the next one fails with ' +
    'EPIPE.',
  source: ['RFC 9293 section 3.10.7.1', 'send(2), EPIPE', 'Linux: tcp_reset() (EPIPE in CLOSE_WAIT)'],
  decides: ['C53'],
  needs: ['packets'],
  control: 'destroy',

  async run({ lab, expect, step }) {
    await step('the server closes');
    const server = await lab.server();
    const client = await lab.client(server);
    await server.destroy();
    await expect(client).state('CLOSE_WAIT');

    await step('the client writes');
    await expect(client, { title: 'first write' }).sends('a byte');
    await expect(client).gone();
    const { segments } = await lab.wire.captured(client, (now) =>
      now.segments.some((one) => has(one, 'RST')),
    );
    const written = segments.findIndex(({ sender, length }) => sender === 'client' && length > 0);
    const answer = segments.slice(written + 1).find(({ sender }) => written !== -1 && sender === 'server');
    expect
      .value('the answer to it', flagsOf(answer), {
        supports: 'C53/RST',
        otherwise: ['ACK', 'nothing'],
        segments: {
          of: client,
          after: written + 1,
          until: segments.length,
          filter: `tcp.srcport == ${server.port}`,
          shown: 'flags of the first',
        },
      })
      .equals('RST');

    await step('and writes again');
    await expect(client, {
      title: 'second write',
      supports: 'C53/EPIPE',
      otherwise: ['a byte', 'ECONNRESET'],
    }).sends('EPIPE');
  },
});
