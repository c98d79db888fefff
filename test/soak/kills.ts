/**
 * Sends signals at random moments to every kind of command, and looks for what is left:
 * npm run soak:kills -- --count 434 --seed 1 --jobs 2
 */
import { createServer } from 'node:net';
import { commandLine, countOf } from '../../build/command-line.ts';
import { type Kill, kill, type Outcome } from './killing.ts';
import { picker } from './picker.ts';
import { victimsAt } from './victims.ts';

const { values } = commandLine('npm run soak:kills -- [--count 434] [--seed 1] [--jobs 2]', {
  count: { type: 'string', default: '434' },
  seed: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '2' },
});
const wanted = countOf(values.count, 'kills');
const jobs = countOf(values.jobs, 'kills at once');

const signals: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGINT', 'SIGTERM'];
const slowMs = 2000;

const held = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => held.once('listening', resolve));
const address = held.address();
const port = String(typeof address === 'object' ? address?.port : 0);

const victims = victimsAt(port);
const pick = picker(Number(values.seed));

function nextKill(): Kill {
  const victim = pick.from(victims);
  return { victim, signal: pick.from(signals), afterMs: Math.floor(pick.number() * victim.lastsMs) };
}

const killed: { readonly kill: Kill; readonly outcome: Extract<Outcome, { state: 'killed' }> }[] = [];
let missed = 0;
let begun = 0;

async function work(): Promise<void> {
  while (begun < wanted) {
    begun++;
    const next = nextKill();
    const outcome = await kill(next);
    if (outcome.state === 'missed') {
      missed++;
      begun--;
      continue;
    }
    killed.push({ kill: next, outcome });
    report(next, outcome);
  }
}

function report(
  { victim, signal, afterMs }: Kill,
  { goneAfterMs, left, status }: (typeof killed)[number]['outcome'],
) {
  if (left.length === 0 && goneAfterMs < slowMs) return;
  const what = `${victim.args.join(' ')}: ${signal} after ${afterMs} ms, status ${status}`;
  console.log(
    `${what}: ${left.length === 0 ? `gone after ${Math.round(goneAfterMs)} ms` : `LEFT ${left.join(' | ')}`}`,
  );
}

await Promise.all(Array.from({ length: jobs }, work));
held.close();

const times = killed.map(({ outcome }) => outcome.goneAfterMs).sort((a, b) => a - b);
const leaving = killed.filter(({ outcome }) => outcome.left.length > 0);
const slow = times.filter((ms) => ms >= slowMs).length;
console.log(
  `${killed.length} kills (${signals.map((signal) => `${signal} ${killed.filter(({ kill }) => kill.signal === signal).length}`).join(', ')}), ` +
    `${missed} came too late: ${leaving.length} left something; ${slow} took over ${slowMs / 1000} s, ` +
    `median ${Math.round(times[times.length >> 1] ?? 0)} ms, longest ${Math.round(times.at(-1) ?? 0)} ms`,
);
process.exitCode = leaving.length === 0 ? 0 : 1;
