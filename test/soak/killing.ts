import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../support/program.ts';

export interface Victim {
  readonly args: readonly string[];
  /** About how long it runs, in milliseconds: the moment of its death is one of these. */
  readonly lastsMs: number;
}

export interface Kill {
  readonly victim: Victim;
  readonly signal: NodeJS.Signals;
  /** How long after its start. */
  readonly afterMs: number;
}

export type Outcome =
  /** It had ended before. */
  | { readonly state: 'missed' }
  | {
      readonly state: 'killed';
      readonly status: number | null;
      readonly goneAfterMs: number;
      readonly left: readonly string[];
    };

/** After that what is there counts as left behind. */
const graceMs = 15_000;
const pollMs = 20;

/** Starts a command, sends it a signal at a moment of its run, and waits until all that it started and wrote is gone. */
export async function kill({ victim, signal, afterMs }: Kill): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const temporary = mkdtempSync(join(folder, 'tmp-'));
  try {
    const program = new Program(victim.args, { env: { TMPDIR: temporary }, cwd: folder });
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    if (program.child.exitCode !== null || !program.child.kill(signal)) return { state: 'missed' };
    const killedAt = performance.now();
    const remains = () => [...program.processes(), ...readdirSync(temporary)];
    let left = remains();
    while (left.length > 0 && performance.now() - killedAt < graceMs) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      left = remains();
    }
    const goneAfterMs = performance.now() - killedAt;
    if (left.length > 0) program.child.kill('SIGKILL');
    const { status } = await program.finished();
    return { state: 'killed', status, goneAfterMs, left };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
