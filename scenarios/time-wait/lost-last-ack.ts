import { integer, scenario } from '../../src/index.ts';
import { finsAndAnswers } from '../../src/kit/kit.ts';

export default scenario({
  title: 'The last ACK is lost, and TIME_WAIT repeats it for every FIN',
  claim:
    'If the last ACK does not arrive, the passive side stays in LAST_ACK and sends its FIN again and again; TIME_WAIT is ' +
    'there to answer each of them with an ACK.',
  source: ['RFC 9293 section 3.6.1', 'Linux: tcp_timewait_state_process()'],
  decides: ['C13'],
  needs: ['packets'],
  control: 'deafen',
  takes: 4,
  parameters: { repeats: integer(3, { min: 1, max: 6 }, 'repeat the FIN n times') },

  async run({ lab, expect, step, repeats }) {
    await step('the client closes first; from now on the server hears no bare ACK');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    await server.deafen('bare ACKs');

    await step('the server closes: its FIN arrives, the ACK for it does not');
    await server.shutdown('write');
    await expect(client).state('TIME_WAIT');
    await expect(server, { supports: 'C13/FIN' }).state('LAST_ACK', { timer: 'on', retransmits: repeats });

    await step('every FIN was answered');
    const dropped = await server.measure.drops();
    const isAnswered = ({ answer }: { answer: unknown }) => answer !== undefined;
    const { segments } = await lab.wire.captured(client, (seen) =>
      finsAndAnswers(seen.segments, 'server').every(isAnswered),
    );
    const fins = finsAndAnswers(segments, 'server');
    const firstFin = segments.findIndex(({ sender, flags }) => sender === 'server' && flags.includes('FIN'));
    const captured = { of: client, until: segments.length };
    expect
      .value('FINs of the server, captured', fins.length, {
        supports: 'C13/FIN',
        otherwise: 1,
        segments: { ...captured, filter: `tcp.flags.fin == 1 && tcp.srcport == ${server.port}` },
      })
      .atLeast(repeats + 1);
    const answered = fins.filter(isAnswered).length;
    expect
      .value('of these, answered with an ACK of their number', answered, {
        supports: 'C13/ACK',
        uncontrolled:
          'TIME_WAIT answers a single FIN, too: that several came is shown by "FINs of the server, captured"',
        otherwise: { atMost: fins.length - 1 },
        segments: { ...captured, after: firstFin + 1, filter: `tcp.dstport == ${server.port}` },
      })
      .equals(fins.length);
    expect.value('ACKs that arrived and were dropped', dropped).between(repeats + 1, fins.length);
    await expect(client, { without: 'last shutdown', supports: 'C13/ACK', otherwise: 'gone' }).state(
      'TIME_WAIT',
    );

    await step('the server hears again: the next answer ends it');
    await server.hear();
    await expect(server, { without: 'last hear', supports: 'C13/ACK', otherwise: 'LAST_ACK' }).gone();
  },
});
