import type { Command } from 'commander';
import type { ObserverChoice } from '../observe/observers.ts';
import { reportAtEnd } from '../report/ci.ts';
import { type MadeStop, tourDocumentOf } from '../report/documents/tour.ts';
import type { ReporterContext } from '../report/reporter.ts';
import { caseOfRun } from '../report/suite/cases.ts';
import { stops } from '../report/tour/stops.ts';
import { tourText } from '../report/tour/text.ts';
import type { Invocation } from './command-entry.ts';
import { addReporterOptions, observerOption } from './common-options.ts';
import { exitStatus, statusOf } from './exit-status.ts';
import { type OutputOptions, onStandardOutput, withReporters } from './output.ts';
import { reportersOf } from './reporter-choice.ts';
import { Guide } from './tour/guide.ts';
import { readNumber, Tour } from './tour/tour.ts';

interface TourOptions extends OutputOptions {
  readonly observer: ObserverChoice;
  readonly ascii?: boolean;
}

export function define(command: Command, { interruption: { signal }, finish }: Invocation): void {
  command
    .addOption(observerOption())
    .option('--ascii', 'draw segments without box characters')
    .action(async (text: string | undefined, options: TourOptions) => {
      finish(await tour(text === undefined ? undefined : readNumber(text), options, signal));
    });
  addReporterOptions(command);
}

async function tour(number: number | undefined, options: TourOptions, signal: AbortSignal): Promise<number> {
  const text = (context: ReporterContext) => tourText(context, options.ascii ? 'ascii' : 'box');
  return withReporters('tour', options, text, async (reporter) => {
    const tour = new Tour(reporter, options.observer, signal);
    if (hasSomebody(options)) {
      const { paint } = await onStandardOutput('tour', options);
      await new Guide(tour, paint, signal).lead(number ?? 1);
    } else {
      await tour.makeAll(number === undefined ? stops.map((_, i) => i + 1) : [number]);
    }
    const document = tourDocumentOf(tour.made);
    reportAtEnd(reporter, document, {
      cases: tour.made.map(({ run }) => caseOfRun(run)),
      lines: [{ type: 'tour', ...document }],
      durationMs: tour.made.reduce((total, { run }) => total + run.durationMs, 0),
      summary: null,
    });
    return statusOfAll(tour.made);
  });
}

/** Needs a user who can press Enter and sees the question. */
function hasSomebody(options: OutputOptions): boolean {
  const isLive = reportersOf(options).some(({ name, file }) => name === 'live' && file === undefined);
  return isLive && process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** A user who leaves before the first run has seen nothing fail. */
function statusOfAll(made: readonly MadeStop[]): number {
  const statuses = made.map(({ run }) => statusOf[run.outcome]);
  if (statuses.includes(exitStatus.contradicted)) return exitStatus.contradicted;
  const allUndone = statuses.length > 0 && statuses.every((status) => status === exitStatus.couldNotRun);
  return allUndone ? exitStatus.couldNotRun : exitStatus.asExpected;
}
