import { type ChurnResult, choice, integer, lingerTime, scenario } from '../../src/index.ts';
import { timeWaitsCount } from '../../src/kit/kit.ts';

const mebibyte = 2 ** 20;

export default scenario({
  title: 'The side that closes short connections first keeps a TIME_WAIT for each',
  claim:
    'The side that closes first gets a TIME_WAIT for every connection that was closed in order, as many as the kernel keeps; ' +
    'with linger 0, only those that were given up leave one. The processes do not grow with the number of connections.',
  source: ['RFC 9293 section 3.6', 'ip-sysctl: tcp_max_tw_buckets', 'Linux: tcp_time_wait()'],
  decides: [],
  needs: ['namespace'],
  control: 'churn',
  parameters: {
    connections: integer(2000, { min: 1, max: 10_000_000 }, 'open n connections'),
    concurrency: integer(50, { min: 1, max: 10_000 }, 'keep n of them open at a time'),
    closer: choice('server', ['server', 'client'], 'choose the side that closes first'),
    linger: lingerTime('off', 'set SO_LINGER on the side that closes first'),
    patience: integer(20, { min: 1, max: 600 }, 'give up a connection after n seconds'),
    backlog: integer(511, { min: 1, max: 65_535 }, 'listen with this backlog'),
  },

  async run({ lab, expect, step, note, connections, concurrency, closer, linger, backlog, patience }) {
    const counted = await timeWaitsCount(lab);
    const server = await lab.server({ backlog, shortConnections: { closer, linger } });

    await step(`${connections} connections, ${concurrency} at a time; the ${closer} closes first`);
    const counters = await lab.kernel.counters();
    const result = await lab.load.churn({ to: server, connections, concurrency, timeoutMs: patience * 1000 });
    const moved = (name: string) => counters.moved(name);
    for (const line of story(result)) note(line);
    const kept = result.samples.at(-1)?.timeWaits ?? 0;
    const overflow = await moved('TCPTimeWaitOverflow');
    const moves = (await moved('TW')) + (await moved('TWKilled'));
    const entered = moves + overflow + (counted === 'as they end' ? kept : 0);
    if (entered > kept + overflow) note(`entered TIME_WAIT, and left it again: ${entered - kept - overflow}`);

    await step('how they ended');
    const outcomes = Object.values(result.outcomes).reduce((sum, count) => sum + count, 0);
    expect.value('connections accounted for', outcomes).equals(connections);
    if (linger === 0) {
      // Connections that took too long were given up, and closed in order.
      expect.value('entered TIME_WAIT', entered).between(0, result.late);
      expect.value('RSTs', await moved('OutRsts')).atLeast(result.connected);
    } else {
      expect.value('entered TIME_WAIT', entered).atLeast(result.outcomes['ok'] ?? 0);
    }
    const grown = Math.round(result.grownBytes / mebibyte);
    expect.value('grown in the second half, MiB', grown).atMost(64);
  },
});

/** Outcomes, rate, and how the TIME_WAITs came to be. */
function story({ outcomes, perSecond, samples }: ChurnResult): string[] {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  // A few samples are enough for a reader; --json has them all.
  const every = Math.max(1, Math.ceil(samples.length / 8));
  const points = samples.filter((_, i) => i % every === 0 || i === samples.length - 1);
  const times = points.map(({ atMs, timeWaits }) => `${(atMs / 1000).toFixed(1)} s ${timeWaits}`);
  return [
    `outcomes: ${counts.join(', ')}`,
    `rate: ${Math.round(perSecond)} connections a second`,
    `in TIME_WAIT after ${times.join(', ')}`,
  ];
}
