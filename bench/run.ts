/** `npm run bench`: how long tcpclose takes, compared in turns with what one would otherwise use. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { commandLine, countOf, unlessInterrupted } from '../build/command-line.ts';
import { auditLimits, costsOfAudit } from './audit.ts';
import { runTimed, startedBy } from './processes.ts';
import { shareOfWatch, watchCases } from './watch.ts';

const { positionals } = commandLine('npm run bench -- [rounds]', {}, 'words');
const rounds = countOf(positionals[0] ?? '11', 'rounds');
const here = fileURLToPath(new URL('.', import.meta.url));
const tcpclose = `${here}../dist/tcpclose.cjs`;

interface Candidate {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

interface Comparison {
  readonly title: string;
  readonly subject: Candidate;
  /** With the ratio to reach. */
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
measureStarts();
measureCatalogue();
measureMatrix();
await measureWatch();
await measureAudit();

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
    const text = `  ${yardstick.name.padEnd(30)} ${other.toFixed(0).padStart(6)} ms`;
    console.log(`${text}   ${verdict(own / other, yardstick.atMost)}`);
  }
}

/** The CPU time of an experiment, beside that of the programs that it starts if each of them does nothing. */
function measureStarts(): void {
  const demo = [process.execPath, tcpclose, 'demo', 'server-first'];
  const bare = startedBy(demo).map((command) =>
    command[0] === process.execPath ? [process.execPath, '-e', '0'] : command,
  );
  const costs = Array.from({ length: rounds }, () => ({
    own: runTimed(demo).cpu,
    bare: runTimed(...bare).cpu,
  }));
  const [own, starts] = (['own', 'bare'] as const).map((key) => median(costs.map((cost) => cost[key])));
  console.log(`\nthe CPU time of the experiment server-first, medians of ${rounds} rounds`);
  console.log(`  ${'tcpclose demo server-first'.padEnd(30)} ${own?.toFixed(0).padStart(6)} ms`);
  const ratio = verdict(median(costs.map((cost) => cost.own / cost.bare)), 1.1);
  console.log(
    `  ${`bare starts of its ${bare.length} programs`.padEnd(30)} ${starts?.toFixed(0).padStart(6)} ms   ${ratio}`,
  );
}

/** The whole catalogue, beside its two lower bounds: its longest scenario, and its CPU time spread over all cores. */
function measureCatalogue(): void {
  const runs = Array.from({ length: Math.min(rounds, 5) }, runCatalogue);
  const ratio = median(
    runs.map(({ wall, longest, cpu }) => wall / Math.max(longest, cpu / availableParallelism())),
  );
  const [wall, longest, cpu] = (['wall', 'longest', 'cpu'] as const).map((key) =>
    median(runs.map((run) => run[key])),
  );
  console.log(`\nthe catalogue without the slow scenarios, medians of ${runs.length} rounds`);
  console.log(`  ${'tcpclose test'.padEnd(30)} ${wall?.toFixed(0).padStart(6)} ms`);
  console.log(`  ${'its longest scenario'.padEnd(30)} ${longest?.toFixed(0).padStart(6)} ms`);
  const shared = (cpu ?? Number.NaN) / availableParallelism();
  console.log(
    `  ${'its CPU time by cores'.padEnd(30)} ${shared.toFixed(0).padStart(6)} ms   ${verdict(ratio, 1.3)}`,
  );
}

function runCatalogue(): { wall: number; longest: number; cpu: number } {
  const before = performance.now();
  const { stdout, cpu } = runTimed([process.execPath, tcpclose, 'test', '--reporter', 'json']);
  const wall = performance.now() - before;
  const durations: number[] = JSON.parse(stdout).scenarios.map(
    ({ durationMs }: { durationMs: number }) => durationMs,
  );
  return { wall, longest: Math.max(...durations), cpu };
}

function measureMatrix(): void {
  const times = Array.from({ length: Math.min(rounds, 5) }, () =>
    time({ name: 'tcpclose matrix', command: ['node', tcpclose, 'matrix', '--json'] }),
  );
  console.log(`\nthe bind truth table, median of ${times.length} rounds`);
  const ms = median(times);
  const reached = ms <= 10_000 ? 'reached' : 'missed';
  console.log(
    `  ${'tcpclose matrix'.padEnd(30)} ${ms.toFixed(0).padStart(6)} ms   (at most 10 s: ${reached})`,
  );
}

async function measureWatch(): Promise<void> {
  console.log('\nwatching a port: CPU time by wall time over 10 s');
  for (const { title, atMost, ...circumstances } of watchCases) {
    const share = await shareOfWatch(tcpclose, { ...circumstances, forMs: 10_000 });
    console.log(`  ${title.padEnd(40)} ${verdict(share, atMost)}`);
  }
}

async function measureAudit(): Promise<void> {
  const { sockets, megabytes, cpuRatioToSs } = auditLimits;
  const costs = await costsOfAudit(tcpclose, Math.min(rounds, 5));
  console.log(`\nan audit of ${sockets} sockets: CPU time, wall time, memory`);
  for (const { name, wallMs, cpuMs, megabytes: taken } of costs) {
    const ratio = verdict(cpuMs / (costs[0]?.cpuMs ?? Number.NaN), cpuRatioToSs);
    const memory = `${taken.toFixed(0)} MB (at most ${megabytes}: ${taken <= megabytes ? 'reached' : 'missed'})`;
    console.log(
      `  ${name.padEnd(30)} ${cpuMs.toFixed(0).padStart(6)} ms ${wallMs.toFixed(0).padStart(6)} ms   ${memory}   ${ratio}`,
    );
  }
}

function verdict(ratio: number, atMost: number): string {
  return `ratio ${ratio.toFixed(2)} (at most ${atMost}: ${ratio <= atMost ? 'reached' : 'missed'})`;
}

function time({ name, command: [program, ...args] }: Candidate): number {
  const before = performance.now();
  const { status, stderr } = unlessInterrupted(
    spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' }),
  );
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return performance.now() - before;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
