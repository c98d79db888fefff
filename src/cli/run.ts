import { constants } from 'node:os';
import type { Command } from 'commander';
import { run } from '../api/run.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import type { RunCommandDocument } from '../report/documents/run-command.ts';
import type { Reporter } from '../report/reporter.ts';
import { runCases } from '../report/run/cases.ts';
import type { RunEvent } from '../report/run/run-event.ts';
import { runText } from '../report/run/text.ts';
import { NotStarted } from '../run/command-run.ts';
import { hasTerminal } from '../run/terminal.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions } from './common-options.ts';
import { reportLine } from './error-line.ts';
import type { Interruption } from './interruption.ts';
import { type OutputOptions, withReporters } from './output.ts';

/** As in shells and env(1). */
const notFound = 127;
const notExecutable = 126;

export function define(command: Command, { interruption, finish }: Invocation): void {
  command.action(async (words: readonly string[], options: OutputOptions) => {
    finish(await statusOfRun(words, { ...options, to: 'standard error' }, interruption));
  });
  addReporterOptions(command);
}

async function statusOfRun(
  words: readonly string[],
  options: OutputOptions,
  interruption: Interruption,
): Promise<number> {
  try {
    return await withReporters('run', options, runText, (reporter) => report(words, interruption, reporter));
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error;
    reportLine(error.message);
    return error.errno === 'ENOENT' ? notFound : notExecutable;
  }
}

async function report(
  words: readonly string[],
  interruption: Interruption,
  reporter: Required<Reporter<RunEvent, RunCommandDocument>>,
): Promise<number> {
  const document = await run(
    words,
    {
      onEvent: (event) => reporter.onEvent(event),
      onStart: (pass) => interruption.handOver((signal) => passOn(signal, pass)),
    },
    'only those of the command',
  );
  const { failures, command, status, signal, durationMs } = document;
  reportAtEnd(reporter, document, {
    cases: runCases(document),
    lines: linesOf('bind failed', failures, { command }, { status, signal }),
    durationMs,
    summary: null,
  });
  return signal === null ? (status ?? 2) : 128 + constants.signals[signal as NodeJS.Signals];
}

// The terminal has sent it to the command too.
function passOn(signal: NodeJS.Signals, pass: (signal: NodeJS.Signals) => void): void {
  const isFromTerminal = signal === 'SIGINT' || signal === 'SIGQUIT';
  if (!isFromTerminal || !hasTerminal()) pass(signal);
}
