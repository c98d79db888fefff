import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jumpingClock, noFaketime } from '../support/jumping-clock.ts';
import type { Program } from '../support/program.ts';
import type { Picker } from './picker.ts';
import type { Round } from './round.ts';

/** What makes a round hard. */
export interface Condition {
  readonly name: string;
  readonly users: readonly Round['user'][];
  /** Loops that take a core each beside it. */
  readonly busy: number;
  readonly atOnce: number;
  readonly prefix: readonly string[];
  /** Under a limit, scenarios may say that they could not run; they are never contradicted. */
  readonly mayError: boolean;
  disturb?(pick: Picker): NonNullable<Round['disturb']>;
  /** Why it cannot be tried on this machine. */
  readonly missing: string | null;
}

const plain = {
  users: ['root', 'nobody'],
  busy: 0,
  atOnce: 1,
  prefix: [],
  mayError: false,
  missing: null,
} as const satisfies Partial<Condition>;

const limitedBy = (limit: string) => ['sh', '-c', `${limit}; exec "$@"`, 'sh'];

/** Where it writes its files there is a disk of that size, of which the half is used. */
function onDiskOf(size: string): string[] {
  const use = 'head -c 32k /dev/zero > "$TMPDIR/used"';
  const disk = `mount -t tmpfs -o size=${size} none "$TMPDIR" && ${use}; exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', disk, 'sh'];
}

export const conditions: readonly Condition[] = [
  { ...plain, name: 'alone' },
  { ...plain, name: 'four busy loops beside it', busy: 4 },
  { ...plain, name: 'ten at once', atOnce: 10 },
  { ...plain, name: 'processes stopped and continued at random', mayError: true, disturb: stopAtRandom },
  { ...plain, name: 'few descriptors', prefix: limitedBy('ulimit -n 128') },
  { ...plain, name: 'little memory', prefix: limitedBy('ulimit -v 4000000'), mayError: true },
  { ...plain, name: 'few processes', users: ['nobody'], prefix: limitedBy('ulimit -u 60'), mayError: true },
  { ...plain, name: 'a full disk', users: ['root'], prefix: onDiskOf('64k'), mayError: true },
  clockThatJumps(),
];

const longestStopMs = 400;

/** The time of day jumps by up to an hour. */
function clockThatJumps(): Condition {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const clock = jumpingClock(folder);
  return {
    ...plain,
    name: 'a clock that is set back and forth',
    users: ['root'],
    prefix: clock.prefix,
    mayError: true,
    missing: noFaketime,
    disturb: (pick) => async (_program, signal) => {
      while (!signal.aborted) {
        clock.setTo(Math.round((pick.number() - 0.5) * 7200));
        await pause(300);
      }
    },
  };
}

/** Stops one process of the run for a while, again and again. */
function stopAtRandom(pick: Picker): NonNullable<Round['disturb']> {
  return async (program, signal) => {
    while (!signal.aborted) {
      const pid = pidOf(program, pick);
      if (pid !== undefined) send(pid, 'SIGSTOP');
      await pause(pick.number() * longestStopMs);
      if (pid !== undefined) send(pid, 'SIGCONT');
      await pause(pick.number() * longestStopMs);
    }
  };
}

function pidOf(program: Program, pick: Picker): number | undefined {
  const all = program.processes();
  return all.length === 0 ? undefined : Number.parseInt(pick.from(all), 10);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
