import type { Command } from 'commander';
import { type ClaimsOptions, claims } from '../api/claims.ts';
import type { SuiteOutcome } from '../events.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { claimCases } from '../report/claims/cases.ts';
import { comparedTally, comparedText } from '../report/claims/compare.ts';
import { ledgerMarkdown, ledgerTally, ledgerText } from '../report/claims/text.ts';
import type { ClaimsDocument } from '../report/documents/claims.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { caseOf } from '../report/suite/cases.ts';
import { SuiteProgress } from '../report/suite/progress.ts';
import { levels } from '../report/suite/report.ts';
import { Results } from '../report/suite/results.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, durationOption, type Given, jobsOption, observerOption } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { withReporters } from './output.ts';

interface Options extends Given<Omit<ClaimsOptions, 'evidence'>> {
  readonly markdown?: boolean;
  /** true if no folder is given. */
  readonly evidence?: true | string;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--slow', 'run slow scenarios too')
    .option(
      '--evidence [folder]',
      'show every observation; with a folder, write the evidence of each finding there',
    )
    .option(
      '--compare <file|version>',
      'show what differs from a document saved by --json, or from a known kernel such as 5.10',
    )
    .option('--markdown', 'print a Markdown table')
    .addOption(jobsOption())
    .addOption(durationOption('--timeout <duration>', 'limit the time of each scenario', '120s'))
    .addOption(observerOption());
  addPageOptions(command).action(async (texts: readonly string[], options: Options) => {
    const { markdown, evidence } = options;
    // `--evidence C13`: commander takes the claim for the folder.
    const ids = isClaim(evidence) ? [...texts, evidence] : texts;
    const folder = typeof evidence === 'string' && !isClaim(evidence) ? evidence : undefined;
    const text = textOfDocument<ClaimsDocument>((document, paint) => {
      if (markdown) return ledgerMarkdown(document);
      const { compared, machine } = document;
      if (compared !== undefined) return comparedText(compared, machine.kernel, paint);
      return ledgerText(document, evidence === undefined ? 'one each' : 'all evidence', paint);
    });
    finish(
      await withReporters('claims', options, text, (reporter) =>
        decide(ids, folder, options, interruption.signal, reporter),
      ),
    );
  });
}

function isClaim(text: string | true | undefined): text is string {
  return typeof text === 'string' && /^C\d+$/i.test(text);
}

async function decide(
  ids: readonly string[],
  folder: string | undefined,
  options: Options,
  abortSignal: AbortSignal,
  reporter: Required<Reporter<never, ClaimsDocument>>,
): Promise<number> {
  const startedAt = performance.now();
  const results = new Results();
  const progress = new SuiteProgress(results);
  let outcome: SuiteOutcome = 'interrupted';
  try {
    const document = await claims(ids, {
      ...options,
      ...{ evidence: folder, abortSignal },
      onEvent: (event) => {
        results.on(event);
        progress.on(event);
        if (event.type === 'suite finished') outcome = event.outcome;
      },
    });
    report(document, results, outcome, performance.now() - startedAt, reporter);
  } finally {
    progress.stop();
  }
  // The ledger is not a test: a refuted claim is a finding, but a contradicted check is not what the catalogue expects.
  return statusOf[outcome];
}

function report(
  document: ClaimsDocument,
  { finished }: Results,
  outcome: SuiteOutcome,
  durationMs: number,
  reporter: Required<Reporter<never, ClaimsDocument>>,
): void {
  const unexpected = finished.map(caseOf).filter(({ result }) => 'problems' in result);
  const { claims, compared, ...common } = document;
  reportAtEnd(reporter, document, {
    cases: [...claimCases(document), ...unexpected],
    lines: linesOf('claim', claims, common, compared === undefined ? {} : { compared }),
    durationMs,
    summary: {
      level: levels[outcome],
      text: compared === undefined ? ledgerTally(claims) : comparedTally(compared, document.machine.kernel),
    },
  });
}
