import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'Every repeated FIN restarts the wait',
  claim:
    'When TIME_WAIT receives a repeated FIN, the wait begins again: the time left and the time already passed are together ' +
    'longer than one whole wait.',
  source: [
    'RFC 9293 section 3.10.7.4 (TIME-WAIT STATE)',
    'Linux: tcp_timewait_state_process(), inet_twsk_reschedule()',
  ],
  decides: ['C14'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 4,
  parameters: { repeats: integer(4, { min: 4, max: 6 }, 'how often the FIN is repeated') },

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
    // The FIN may have been repeated before that reading.
    const { totalRetransmissions } = await server.measure.info();
    const retransmits = Math.max(repeats, totalRetransmissions + 1);

    await step(`the FIN is repeated ${repeats} times`);
    await expect(server).state('LAST_ACK', { timer: 'on', retransmits });
    await expect(client).state('TIME_WAIT', { timer: 'timewait' });
    const again = await client.measure.timerEnds();
    const later = { leastMs: again.leastMs - fresh.mostMs, mostMs: again.mostMs - fresh.leastMs };
    expect.span('it ends later by', later, { supports: 'C14' }).atLeast(1000);
  },
});
