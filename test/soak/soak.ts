/**
 * The catalogue under every condition in turn (or those with --only in their name), and kills at random moments, for a time:
 * `npm run soak -- --for 2h --seed 1`; sooner over with --enough-runs and --enough-kills. After each round it looks for what was left. Writes
 * its figures into docs/trust.md with --write, and adds them to those that are there with --more; --replace does so, too, but first drops the
 * rows of the conditions that it measures again. Needs root, and a build in dist. Exit status 1 if anything was contradicted, failed without
 * a limit, or was left.
 */
import { createServer } from 'node:net';
import { commandLine, countOf, refuse } from '../../build/command-line.ts';
import { parseDuration } from '../../src/api/duration.ts';
import { startBusyLoops } from '../support/busy-loops.ts';
import { type Condition, conditions } from './conditions.ts';
import { kill } from './killing.ts';
import { picker } from './picker.ts';
import { type Round, type RoundResult, runRound } from './round.ts';
import { changesBetween, stateOfMachine } from './state.ts';
import { Figures } from './trust.ts';
import { victimsAt } from './victims.ts';

const { values, positionals } = commandLine(
  'npm run soak -- [scenario or topic...] [--for 2h] [--seed <n>] [--kills 20] [--only <condition>] [--enough-runs <n>] [--enough-kills <n>] [--write] [--more] [--replace]',
  {
    for: { type: 'string', default: '2h' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '20' },
    only: { type: 'string', default: '' },
    'enough-runs': { type: 'string' },
    'enough-kills': { type: 'string' },
    write: { type: 'boolean', default: false },
    more: { type: 'boolean', default: false },
    replace: { type: 'boolean', default: false },
  },
  'words',
);
if (process.getuid?.() !== 0) refuse('some rounds run as another user: start it as root');

const pick = picker(Number(values.seed));
const until = performance.now() + parseDuration(values.for);
const figures = new Figures(Number(values.seed));
const isChosen = ({ name }: Condition) => name.includes(values.only);
if (values.more || values.replace) figures.addWritten(values.replace ? conditions.filter(isChosen) : []);
// They mostly wait.
const killsAtOnce = 4;
const signals: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGINT', 'SIGTERM'];

const held = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => held.once('listening', resolve));
const address = held.address();
const victims = victimsAt(String(typeof address === 'object' ? address?.port : 0));
const before = stateOfMachine();

for (const { name, missing } of conditions) if (missing !== null) figures.skip(name, missing);
const possible = conditions.filter((one) => one.missing === null && isChosen(one));
const enoughOf = (text: string | undefined, what: string) =>
  text === undefined ? Number.POSITIVE_INFINITY : countOf(text, what);
const enoughRuns = enoughOf(values['enough-runs'], 'runs');
const enoughKills = enoughOf(values['enough-kills'], 'kills');
const isEnough = () => figures.runs >= enoughRuns && figures.kills >= enoughKills;
for (let turn = 0; performance.now() < until && !isEnough(); turn++) {
  const condition = possible[turn % possible.length];
  if (condition === undefined || !isDue(condition, Math.floor(turn / possible.length))) continue;
  await runUnder(condition, turn);
  await killSome(Number(values.kills));
  figures.left(changesBetween(before, stateOfMachine()));
}
held.close();
process.stdout.write(`\n${figures.report()}`);
if (values.write) figures.write();
process.exitCode = figures.clean ? 0 : 1;

/** Each condition has about as many rounds: one that has ten at once comes every tenth time. */
function isDue({ atOnce }: Condition, cycle: number): boolean {
  return cycle % atOnce === 1 % atOnce;
}

async function runUnder(condition: Condition, turn: number): Promise<void> {
  const { name, users, busy, atOnce, prefix, mayError } = condition;
  const user = users[Math.floor(turn / possible.length) % users.length] ?? 'root';
  const disturb = condition.disturb?.(pick);
  const loops = startBusyLoops(busy);
  try {
    const results = await Promise.all(
      Array.from({ length: atOnce }, () => {
        const seed = Math.floor(pick.number() * 1e9);
        const round: Round = { user, seed, args: positionals, prefix };
        return runRound(disturb === undefined ? round : { ...round, disturb });
      }),
    );
    for (const result of results) say(name, result, mayError);
  } finally {
    loops.end();
  }
}

function say(name: string, result: RoundResult, mayError: boolean): void {
  const complaints = figures.add(name, result, mayError);
  process.stdout.write(`${name}, ${result.user}, seed ${result.seed}: ${result.line}\n`);
  for (const complaint of complaints) process.stdout.write(`  ${complaint}\n`);
}

async function killSome(count: number): Promise<void> {
  let begun = 0;
  const work = async () => {
    while (begun++ < count && performance.now() < until) await killOne();
  };
  await Promise.all(Array.from({ length: killsAtOnce }, work));
}

async function killOne(): Promise<void> {
  const victim = pick.from(victims);
  const outcome = await kill({
    ...{ victim, signal: pick.from(signals) },
    afterMs: Math.floor(pick.number() * victim.lastsMs),
  });
  if (outcome.state === 'missed') return;
  figures.kill(outcome.left);
  for (const what of outcome.left) process.stdout.write(`  LEFT by ${victim.args.join(' ')}: ${what}\n`);
}
