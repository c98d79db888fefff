import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SuiteDocument } from '../../src/report/documents/suite.ts';
import { asNobody } from '../support/machine.ts';
import { Program } from '../support/program.ts';

export interface Round {
  readonly user: 'root' | 'nobody';
  readonly seed: number;
  readonly args: readonly string[];
  /** Put before the program: a limit, another clock. */
  readonly prefix?: readonly string[];
  /** What is done to the run while it runs, until the signal aborts. */
  disturb?(program: Program, signal: AbortSignal): Promise<void>;
}

export interface RoundResult extends Round {
  readonly status: number | null;
  /** null where the program printed none. */
  readonly document: SuiteDocument | null;
  readonly stderr: string;
  /** Processes, without which no network lasts, and files that were still there ten seconds after its end. */
  readonly left: readonly string[];
  /** All of it, in short. */
  readonly line: string;
}

const graceMs = 10_000;

/** Runs `tcpclose test` once, and looks for what it leaves behind. */
export async function runRound(round: Round): Promise<RoundResult> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  chmodSync(folder, 0o777);
  try {
    const program = new Program(['test', ...round.args, '--seed', String(round.seed), '--reporter', 'json'], {
      prefix: [...(round.user === 'root' ? [] : asNobody), ...(round.prefix ?? [])],
      env: { TMPDIR: folder },
    });
    program.child.stdin?.end();
    const ended = new AbortController();
    const disturbing = round.disturb?.(program, ended.signal);
    const { stdout, stderr, status } = await program.finished();
    ended.abort();
    await disturbing;
    const left = [
      ...(await program.leftAfter(graceMs)).map((line) => `process ${line}`),
      ...readdirSync(folder).map((name) => `file ${name}`),
    ];
    const document = parse(stdout);
    return { ...round, status, document, stderr, left, line: lineOf(document, status, left) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parse(stdout: string): SuiteDocument | null {
  try {
    return JSON.parse(stdout) as SuiteDocument;
  } catch {
    return null;
  }
}

function lineOf(document: SuiteDocument | null, status: number | null, left: readonly string[]): string {
  if (document === null) return `no document, status ${status}`;
  const counts = new Map<string, number>();
  for (const { outcome } of document.scenarios) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const outcomes = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  const seconds = Math.round(document.durationMs / 1000);
  return `${outcomes}, status ${status}, ${seconds} s, load ${load}${left.length === 0 ? '' : `, ${left.length} left`}`;
}
