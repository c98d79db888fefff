/**
 * The whole catalogue, again and again, on a busy machine: half of the rounds as root and half as an ordinary user, each
 * shuffled by its own seed, beside busy loops. Reports what was contradicted, errored or skipped, and what was left behind.
 * Needs root, and a build in dist. Exit status 1 if anything was contradicted, errored or left.
 */
import { commandLine, countOf, refuse } from '../../build/command-line.ts';
import { startBusyLoops } from '../support/busy-loops.ts';
import { type Round, runRound } from './round.ts';
import { Tally } from './tally.ts';

const { values, positionals } = commandLine(
  'npm run soak:rounds -- [scenario or topic...] [--rounds 40] [--busy 4] [--at-once 1] [--seed <n>] [--slow]',
  {
    rounds: { type: 'string', default: '40' },
    busy: { type: 'string', default: '4' },
    'at-once': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    slow: { type: 'boolean', default: false },
  },
  'words',
);
if (process.getuid?.() !== 0) refuse('half of the rounds run as another user: start it as root');

const rounds = countOf(values.rounds, 'rounds');
const atOnce = countOf(values['at-once'], 'rounds at once');
const firstSeed = countOf(values.seed, 'a shuffle', 0);
const tally = new Tally();
const busy = startBusyLoops(countOf(values.busy, 'busy loops', 0));
try {
  for (let number = 1; number <= rounds; number++) {
    const user: Round['user'] = number % 2 === 1 ? 'root' : 'nobody';
    const programs = Array.from({ length: atOnce }, (_, i) =>
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
