import { integer, scenario } from '../../src/index.ts';

export default scenario({
  title: 'The last ACK is lost, and TIME_WAIT repeats it for every FIN',
  claim:
    'If the last ACK does not arrive, the passive side stays in LAST_ACK and sends its FIN again and again; TIME_WAIT is ' +
    'there to answer each of them with an ACK.',
  source: ['RFC 9293 section 3.6.1', 'Linux: tcp_timewait_state_process()'],
  decides: ['C13'],
  needs: ['namespace'],
  control: 'deafen',
  takes: 4,
  parameters: { repeats: integer(3, { min: 1, max: 6 }, 'how often the FIN is repeated') },

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
    await expect(server, { supports: 'C13' }).state('LAST_ACK', { timer: 'on', retransmits: repeats });

    await step('every FIN was answered');
    const unheard = await server.measure.drops();
    expect.value('ACKs that arrived and were dropped', unheard, { supports: 'C13' }).atLeast(repeats);
    await expect(client).state('TIME_WAIT');

    await step('the server hears again: the next answer ends it');
    await server.hear();
    await expect(server, { supports: 'C13' }).gone();
  },
});
