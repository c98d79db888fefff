import { integer, scenario } from '../../src/index.ts';
import { answersOf } from '../../src/kit/kit.ts';

const lengthMs = 60_000;

export default scenario({
  title: 'TIME_WAIT is as long for a slow connection as for a fast one',
  claim:
    'The length of TIME_WAIT does not depend on the retransmission timeout of the connection: with an RTO so long that four of them ' +
    'last longer than TIME_WAIT, it is the same as with the shortest.',
  source: ['RFC 9293 section 3.6.1', 'Linux: tcp_time_wait(), TCP_TIMEWAIT_LEN'],
  decides: ['C20'],
  needs: ['namespace'],
  control: 'sysctl',
  peers: 3,
  parameters: {
    seconds: integer(30, { min: 18, max: 100 }, 'set the RTO of the slow connection to n seconds'),
  },

  async run({ lab, expect, step, seconds }) {
    const server = await lab.server({ conduct: 'reads' });

    await step('a fast connection and a slow one');
    const fast = await lab.client(server, { name: 'fast client' });
    await fast.write('x');
    await lab.kernel.minimumRto(seconds * 1000);
    const slow = await lab.client(server, { name: 'slow client' });
    await slow.write('x');
    const [fastRto, slowRto] = [(await fast.measure.info()).rtoMs, (await slow.measure.info()).rtoMs];
    expect.span('RTO of the fast one', fastRto).atMost(5000);
    expect.span('RTO of the slow one', slowRto).atLeast(seconds * 1000);

    expect.span('four of them', slowRto * 4).atLeast(lengthMs);

    await step('both close first');
    for (const client of [fast, slow]) {
      const closedAt = performance.now();
      await client.end();
      await expect(client).state('TIME_WAIT');
      const left = await client.measure.timerLeft();
      const passed = performance.now() - closedAt;
      expect
        .span(`${client.name}, left`, left, {
          supports: 'C20',
          otherwise: { atLeast: lengthMs + 1000 },
          derived: { from: 'answers', jq: `${answersOf(client, 'lookUp')} | last.result.leftMs | [., .]` },
          uncontrolled:
            'the RTO changes nothing here, small or large: that they differ is shown by "RTO of the slow one"',
        })
        .between(lengthMs - passed - 1000, lengthMs);
    }
  },
});
