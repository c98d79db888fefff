/**
 * Runs the packed program on other kernels: `npm run kernels [5.10 6.1 ...]`, all of them with `-- --all`. Each is user-mode Linux of a
 * Debian suite, downloaded once, with this machine's root, read-only. Writes kernels/<version>.json and docs/kernels.md. The findings of the
 * claims are computed from what the scenarios found there, as `tcpclose claims` does: the kernels are slow, and a second run would double it.
 * `-- --quick`: the table of binds, a demo and some scenarios, on two of them, and nothing is written.
 * `-- --again lookups`: only this scenario (may be repeated), after a run in which it was too slow; the rest of the record stays.
 * `-- --jobs 2`: how many scenarios at once. `-- --within 240`: after this many seconds what has not ended is skipped, too.
 * Exit status 1 if anything was contradicted, 2 if no kernel could be tried, without --quick.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { commandLine, countOf, Interrupted, refuse } from '../../build/command-line.ts';
import { kernelsPage, readKernels } from '../../build/kernels.ts';
import type { Step } from './guest.ts';
import { probeVirtualMachine } from './kvm.ts';
import { recordOf, renewedRecord, writeRecord } from './record.ts';
import { Skip } from './skip.ts';
import { quickVersions, type Suite, suites } from './suites.ts';
import { describeTried, verdictOf } from './tally.ts';
import { installPacked, tryKernel } from './try.ts';
import { fetchKernel } from './user-mode.ts';

const { values, positionals } = commandLine(
  'npm run kernels -- [version...] [--all] [--quick] [--again <scenario>] [--jobs <n>] [--within <seconds>]',
  {
    all: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    again: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: '2' },
    within: { type: 'string' },
  },
  'words',
);
const jobs = String(countOf(values.jobs, 'scenarios'));
const withinMs = values.within === undefined ? null : countOf(values.within, 'seconds') * 1000;

const minutes = (count: number) => count * 60;
const table: Step = { name: 'matrix', args: ['matrix', '--json'], limitSeconds: minutes(5) };
const demo: Step = {
  name: 'demo',
  args: ['demo', 'server-first', '--counters', '--json'],
  limitSeconds: minutes(3),
};
const test = (limitSeconds: number, ...args: readonly string[]): Step => ({
  name: 'test',
  // They are slow: what takes seconds elsewhere may take minutes.
  args: ['test', ...args, '--jobs', jobs, '--timeout', '15m', '--json'],
  limitSeconds,
});
// Those that last no second of waiting, one of each kind.
const quickTopics = [
  'order',
  'states/closing',
  'reuse/same-pair',
  'reuse/old-and-new',
  'close/linger-zero',
  'wire/reset',
];
const steps = stepsOf(values);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stop.abort(new Interrupted(signal)));

const deadline = new AbortController();
if (withinMs !== null) setTimeout(() => deadline.abort(), withinMs).unref();

const chosen = choose();
say(`${probeVirtualMachine()}`);
let packed: string | undefined;
let tried = 0;
try {
  for (const suite of chosen) await tryOne(suite);
  if (tried > 0 && !values.quick) writeFileSync('docs/kernels.md', kernelsPage(readKernels()));
} finally {
  if (packed !== undefined) rmSync(packed, { recursive: true, force: true });
}
if (tried === 0 && !values.quick) process.exitCode ??= 2;

function choose(): readonly Suite[] {
  const versions = positionals.length > 0 ? positionals : quickVersions;
  if (values.all) return suites;
  return versions.map((version) => {
    const suite = suites.find((one) => one.version === version);
    if (suite !== undefined) return suite;
    const known = suites.map((one) => one.version).join(', ');
    return refuse(`"${version}" is not a kernel of Debian's suites: choose from ${known}`);
  });
}

function stepsOf({ quick, again }: typeof values): readonly Step[] {
  if (quick) return [table, demo, test(minutes(5), ...quickTopics)];
  if (again.length > 0) return [test(minutes(45), ...again)];
  return [table, demo, test(minutes(45), '--slow')];
}

async function tryOne(suite: Suite): Promise<void> {
  const { version } = suite;
  try {
    if (deadline.signal.aborted) throw late();
    const kernel = await fetchKernel(suite);
    stop.signal.throwIfAborted();
    packed ??= await installPacked();
    const result = await tryKernel(kernel, packed, steps, AbortSignal.any([stop.signal, deadline.signal]));
    tried++;
    for (const line of describeTried(result)) say(`${version}: ${line}`);
    const verdict = verdictOf(result, values.quick ? 'quick' : 'whole');
    for (const line of verdict) say(`${version}: WRONG: ${line}`);
    if (verdict.length > 0) process.exitCode = 1;
    if (values.quick) return;
    const record = values.again.length > 0 ? await renewedRecord(result) : await recordOf(result);
    say(`${version}: ${writeRecord(record)}`);
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    if (deadline.signal.aborted) return say(`${version}: skipped: ${late().message}`);
    if (error instanceof Skip) return say(`${version}: skipped: ${error.message}`);
    throw error;
  }
}

function late(): Skip {
  return new Skip(`this machine is too slow for it to end within ${values.within} s`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
