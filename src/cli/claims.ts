import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { claimCases } from '../report/claims/cases.ts';
import { ledgerMarkdown, ledgerTally, ledgerText } from '../report/claims/text.ts';
import { type ClaimsDocument, claimsDocumentOf } from '../report/documents/claims.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { Spinner } from '../report/spinner.ts';
import { caseOf } from '../report/suite/cases.ts';
import { levels } from '../report/suite/report.ts';
import { Results } from '../report/suite/results.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { claimIds, findingsOf } from '../scenario/findings.ts';
import { runSuite } from '../scenario/suite.ts';
import type { Invocation } from './commands.ts';
import { addReporterOptions, durationOption, observerOption } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';

interface ClaimsOptions extends OutputOptions {
  readonly slow?: boolean;
  readonly markdown?: boolean;
  readonly evidence?: boolean;
  readonly observer: ObserverChoice;
  readonly timeout: number;
}

export function define(command: Command, { interruption, finish }: Invocation): void {
  command
    .option('--slow', 'run slow scenarios too')
    .option('--evidence', 'show every observation instead of one for each finding')
    .option('--markdown', 'print a Markdown table')
    .addOption(durationOption('--timeout <duration>', 'time limit per scenario', '120s'))
    .addOption(observerOption());
  addReporterOptions(command).action(async (texts: readonly string[], options: ClaimsOptions) => {
    const ids = texts.length === 0 ? claimIds : texts.map(parseClaim);
    const { markdown, evidence } = options;
    const text = textOfDocument<ClaimsDocument>((document, paint) =>
      markdown
        ? ledgerMarkdown(document)
        : ledgerText(document, evidence ? 'all evidence' : 'one each', paint),
    );
    finish(
      await withReporters('claims', options, text, (reporter) =>
        decide(ids, options, interruption.signal, reporter),
      ),
    );
  });
}

function parseClaim(text: string): string {
  const id = claimIds.find((known) => known === text.toUpperCase());
  if (id !== undefined) return id;
  throw new UsageError(
    'unknown-claim',
    `"${text}" is not a claim: choose from ${claimIds[0]} to ${claimIds.at(-1)}`,
  );
}

async function decide(
  ids: readonly string[],
  options: ClaimsOptions,
  signal: AbortSignal,
  reporter: Required<Reporter<never, ClaimsDocument>>,
): Promise<number> {
  const startedAt = performance.now();
  const all = await Promise.all(catalogue().map(loadEntry));
  const deciding = all.filter(({ scenario }) => scenario.decides.some((id) => ids.includes(id)));
  const chosen = deciding.filter(({ scenario }) => options.slow || scenario.slow === null);
  const { results, outcome } = await runAll(chosen, options, signal);
  // The ledger is not a test: a refuted claim is a finding, but a contradicted check is not what the catalogue expects.
  if (outcome === 'interrupted') return statusOf[outcome];
  const findings = findingsOf(
    all.map(({ name, scenario }) => {
      const result = results.finished.find((finished) => finished.scenario === name);
      return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
    }),
  ).filter(({ id }) => ids.includes(id));
  const document = claimsDocumentOf(findings, results.environment);
  const { claims, ...common } = document;
  const unexpected = results.finished.map(caseOf).filter(({ result }) => 'problems' in result);
  reportAtEnd(reporter, document, {
    cases: [...claimCases(document), ...unexpected],
    lines: linesOf('claim', claims, common),
    durationMs: performance.now() - startedAt,
    summary: { level: levels[outcome], text: ledgerTally(claims) },
  });
  return statusOf[outcome];
}

async function runAll(
  scenarios: readonly LoadedScenario[],
  { observer, timeout }: ClaimsOptions,
  signal: AbortSignal,
): Promise<{ readonly results: Results; readonly outcome: keyof typeof levels }> {
  const results = new Results();
  const spinner = new Spinner();
  const outcome = await runSuite(scenarios, {
    address: '127.0.0.1',
    observer,
    signal,
    emit: (event) => {
      results.on(event);
      spinner.say(`${results.finished.length} of ${scenarios.length}: ${results.running.join(', ')}`);
    },
    rounds: 1,
    order: 'duration',
    timeoutMs: timeout,
    required: [],
  });
  spinner.stop();
  return { results, outcome };
}
