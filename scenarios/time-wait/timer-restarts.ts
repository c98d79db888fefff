import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'Every repeated FIN starts the wait over',
  claim:
    'When a FIN comes again at TIME_WAIT, the wait begins anew: what is left of it and what has already passed are together ' +
    'more than one whole wait.',
  source: [
    'RFC 9293 section 3.10.7.4 (TIME-WAIT STATE)',
    'Linux: tcp_timewait_state_process(), inet_twsk_reschedule()',
  ],
  decides: ['C14'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 4,
  parameters: { repeats: integer(4, { min: 4, max: 6 }, 'how often the FIN is to come again') },

  async run({ lab, expect, step, repeats }) {
    await step('TIME_WAIT at the client, and a server that does not hear the last ACK');
    const server = await lab.server();
    const client = await lab.client(server);
    await client.end();
    await expect(client).state('FIN_WAIT2');
    await server.deafen('bare ACKs');
    await server.shutdown('write');
    await expect(client).state('TIME_WAIT', { timer: 'timewait' });
    const fresh = await client.measure.timerEnds();
    // The FIN may have come again before that was read.
    const { totalRetransmissions } = await server.measure.info();
    const retransmits = Math.max(repeats, totalRetransmissions + 1);

    await step(`the FIN comes again, ${repeats} times`);
    await expect(server).state('LAST_ACK', { timer: 'on', retransmits });
    await expect(client).state('TIME_WAIT', { timer: 'timewait' });
    const again = await client.measure.timerEnds();
    const later = { leastMs: again.leastMs - fresh.mostMs, mostMs: again.mostMs - fresh.leastMs };
    expect.span('it ends later by', later, { supports: 'C14' }).atLeast(1000);
  },
});
