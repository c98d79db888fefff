/** `npm run bench`: how long tcpclose takes beside what one would otherwise use, in one run, by turns. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const rounds = Number(process.argv[2] ?? 11);
const here = fileURLToPath(new URL('.', import.meta.url));
const tcpclose = `${here}../dist/tcpclose.cjs`;

interface Candidate {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

interface Comparison {
  readonly title: string;
  readonly subject: Candidate;
  /** With the ratio that is to be reached. */
  readonly yardsticks: readonly (Candidate & { readonly atMost: number })[];
}

const comparisons: readonly Comparison[] = [
  {
    title: 'the experiment server-first',
    subject: { name: 'tcpclose demo server-first', command: ['node', tcpclose, 'demo', 'server-first'] },
    yardsticks: [
      { name: 'by hand in Node', command: ['node', `${here}by-hand/experiment.mjs`], atMost: 1 },
      { name: 'by hand in Python', command: ['python3', `${here}by-hand/experiment.py`], atMost: 1.5 },
    ],
  },
  {
    title: 'the start of the program',
    subject: { name: 'tcpclose --help', command: ['node', tcpclose, '--help'] },
    yardsticks: [{ name: 'node -e 0', command: ['node', '-e', '0'], atMost: 1.5 }],
  },
];

for (const comparison of comparisons) compare(comparison);

function compare({ title, subject, yardsticks }: Comparison): void {
  const candidates = [subject, ...yardsticks];
  const times = new Map<Candidate, number[]>(candidates.map((candidate) => [candidate, []]));
  // The first round warms the caches and does not count.
  for (let round = -1; round < rounds; round++) {
    for (const candidate of candidates) {
      const ms = time(candidate);
      if (round >= 0) times.get(candidate)?.push(ms);
    }
  }
  const own = median(times.get(subject) ?? []);
  console.log(`\n${title}, medians of ${rounds} rounds`);
  console.log(`  ${subject.name.padEnd(30)} ${own.toFixed(0).padStart(6)} ms`);
  for (const yardstick of yardsticks) {
    const other = median(times.get(yardstick) ?? []);
    const ratio = own / other;
    const verdict = ratio <= yardstick.atMost ? 'reached' : 'missed';
    console.log(
      `  ${yardstick.name.padEnd(30)} ${other.toFixed(0).padStart(6)} ms   ratio ${ratio.toFixed(2)} (at most ${yardstick.atMost}: ${verdict})`,
    );
  }
}

function time({ name, command: [program, ...args] }: Candidate): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return performance.now() - before;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
