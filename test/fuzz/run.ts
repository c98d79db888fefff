/**
 * Reads mutated inputs: `npm run fuzz -- --runs 720000 --seed 1`, or for a time: `npm run fuzz -- --for 10m`. What finds something is
 * kept in the corpus.
 */
import { chosenFrom, commandLine, countOf } from '../../build/command-line.ts';
import { parseDuration } from '../../src/api/duration.ts';
import { corpusOf, fuzz, keep, targets, whatIsWrong } from './fuzz.ts';
import { growthOf } from './growth.ts';
import { Random } from './random.ts';

const { values } = commandLine(
  'npm run fuzz -- [--runs 100000] [--for <duration>] [--seed <n>] [--target <reader>] [--pumps 20]',
  {
    runs: { type: 'string', default: '100000' },
    for: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    target: { type: 'string' },
    pumps: { type: 'string', default: '20' },
  },
);
const names = chosenFrom(
  values.target === undefined ? [] : [values.target],
  targets.map(({ name }) => name),
  'a reader',
);
const pumps = countOf(values.pumps, 'pumped inputs', 0);
const random = new Random(Number(values.seed));
const chosen = targets.filter(({ name }) => names.includes(name));
const runsEach = Math.ceil(countOf(values.runs, 'inputs') / chosen.length);
console.log(`seed ${values.seed}: ${runsEach} inputs for each of ${chosen.length} readers`);

let wrong = 0;
let read = 0;
const until = values.for === undefined ? 0 : performance.now() + parseDuration(values.for);
do {
  for (const target of chosen) examine(target);
  read += runsEach * chosen.length;
} while (performance.now() < until);
console.log(`${read} inputs, seed ${values.seed}: ${wrong} found`);
process.exitCode = wrong === 0 ? 0 : 1;

function examine(target: (typeof targets)[number]): void {
  const known = corpusOf(target).map((input) => whatIsWrong(target, input));
  const failures = fuzz(target, runsEach, random);
  for (const failure of failures) keep(failure);
  const growths = Array.from({ length: pumps }, () => growthOf(target, random)).filter(
    (growth) => growth !== null,
  );
  const steepest = growths.sort((a, b) => b.times - a.times)[0];
  const tooSteep = growths.filter(({ times }) => times > 3);
  const complaints = [
    ...known.filter((text) => text !== null).map((text) => `corpus: ${text}`),
    ...failures.map(({ wrong }) => wrong),
    ...tooSteep.map(
      ({ times, ms, part }) =>
        `twice the input takes ${times.toFixed(1)} times as long (${ms.toFixed(0)} ms): ${JSON.stringify(part.toString('latin1'))}`,
    ),
  ];
  wrong += complaints.length;
  const growth =
    steepest === undefined
      ? 'too quick to measure'
      : `x${steepest.times.toFixed(1)} for twice the input at most`;
  console.log(
    `${complaints.length === 0 ? 'ok  ' : 'BAD '} ${target.name.padEnd(16)} ${known.length} of the corpus, ${growth}`,
  );
  for (const complaint of complaints)
    console.log(`      ${complaint.split('\n').slice(0, 4).join('\n        ')}`);
}
