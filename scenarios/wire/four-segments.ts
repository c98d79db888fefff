import { choice, scenario } from '../../src/index.ts';
import { has, inFigure } from '../../src/kit/kit.ts';

/** RFC 9293 figure 12: the segments of TCP peers A and B, with their numbers. */
const figure = [
  ['A', '<SEQ=100> <ACK=300> <CTL=FIN,ACK>'],
  ['B', '<SEQ=300> <ACK=101> <CTL=ACK>'],
  ['B', '<SEQ=300> <ACK=101> <CTL=FIN,ACK>'],
  ['A', '<SEQ=101> <ACK=301> <CTL=ACK>'],
] as const;

export default scenario({
  title: 'A close takes four segments, numbered as in RFC 9293',
  claim:
    'A close takes four segments with the flags and the relative sequence numbers of RFC 9293 figure 12: each FIN counts as ' +
    'one, and each is acknowledged by one more.',
  source: ['RFC 9293 section 3.6, figure 12'],
  decides: ['C22'],
  needs: ['packets'],
  control: 'end',
  parameters: { first: choice('client', ['client', 'server'], 'choose the side that closes first') },

  async run({ lab, expect, step, first }) {
    await step('some bytes pass in both directions');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.write('question');
    await server.read(8);
    await server.write('answer');
    await client.read(6);

    await step(`the ${first} closes, and when that is acknowledged the other side closes, too`);
    const [active, passive] = first === 'client' ? [client, server] : [server, client];
    await active.end();
    await expect(active).state('FIN_WAIT2');
    await expect(passive).state('CLOSE_WAIT');
    await passive.end();
    await expect(active).state('TIME_WAIT');
    await expect(passive).gone();

    await step('what was captured, beside the figure');
    const { segments: all } = await lab.wire.captured(client);
    const close = all.slice(all.findIndex((segment) => has(segment, 'FIN')));
    const segments = { of: client, after: 'the first FIN' } as const;
    expect.value('segments', close.length, { supports: 'C22', segments }).equals(figure.length);
    const captured = inFigure(close, { sequence: 100, acknowledgment: 300 });
    for (const [i, [peer, text]] of figure.entries()) {
      const sender = peer === 'A' ? active.name : passive.name;
      expect
        .value(`line ${i + 2}`, captured[i] ?? 'nothing', {
          supports: 'C22',
          segments: { ...segments, shown: 'figure', line: i },
        })
        .equals(`${sender} ${text}`);
    }
  },
});
