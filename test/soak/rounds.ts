/**
 * The whole catalogue, again and again, on a machine that has no time: half of the rounds as root and half as an ordinary user, each
 * shuffled by a seed of its own, beside busy loops. Tells what was contradicted, errored or skipped, and what was left behind.
 * Needs root, and a build in dist. Exit status 1 if anything was contradicted, errored or left.
 */
import { parseArgs } from 'node:util';
import { startBusyLoops } from '../support/busy-loops.ts';
import { type Round, runRound } from './round.ts';
import { Tally } from './tally.ts';

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    busy: { type: 'string', default: '4' },
    'at-once': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    slow: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (process.getuid?.() !== 0) throw new Error('half of the rounds are run as another user: start it as root');

const rounds = Number(values.rounds);
const firstSeed = Number(values.seed);
const tally = new Tally();
const busy = startBusyLoops(Number(values.busy));
try {
  for (let number = 1; number <= rounds; number++) {
    const user: Round['user'] = number % 2 === 1 ? 'root' : 'nobody';
    const programs = Array.from({ length: Number(values['at-once']) }, (_, i) =>
      runRound({
        user,
        seed: firstSeed + number * 1000 + i,
        args: [...positionals, ...(values.slow ? ['--slow'] : [])],
      }),
    );
    const results = await Promise.all(programs);
    const round = new Tally(results);
    for (const result of results) tally.add(result);
    process.stdout.write(`${number} of ${rounds}, ${user}: ${results.map(({ line }) => line).join(' | ')}\n`);
    if (!round.clean) process.stdout.write(round.report());
  }
} finally {
  busy.end();
}
process.stdout.write(tally.report());
process.exitCode = tally.clean ? 0 : 1;
