import type { Command } from 'commander';
import { readKnownFindings } from '../api/known-kernel.ts';
import { runLoadedSuite } from '../api/run-suite.ts';
import { UsageError } from '../errors.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { readMachine } from '../observe/machine.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import { linesOf, reportAtEnd } from '../report/ci.ts';
import { claimCases } from '../report/claims/cases.ts';
import { compareClaims, comparedTally, comparedText, type KnownFindings } from '../report/claims/compare.ts';
import { ledgerMarkdown, ledgerTally, ledgerText } from '../report/claims/text.ts';
import { type ClaimsDocument, claimsDocumentOf } from '../report/documents/claims.ts';
import { EvidenceFolder } from '../report/evidence/folder.ts';
import { EvidenceRecorder } from '../report/evidence/recorder.ts';
import { type Reporter, textOfDocument } from '../report/reporter.ts';
import { Spinner } from '../report/spinner.ts';
import { caseOf } from '../report/suite/cases.ts';
import { levels } from '../report/suite/report.ts';
import { Results } from '../report/suite/results.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { claimIds, findingsOf } from '../scenario/findings.ts';
import { whyUnmet } from '../scenario/needs.ts';
import type { Invocation } from './command-entry.ts';
import { addPageOptions, durationOption, jobsOption, observerOption } from './common-options.ts';
import { statusOf } from './exit-status.ts';
import { type OutputOptions, withReporters } from './output.ts';

interface ClaimsOptions extends OutputOptions {
  readonly slow?: boolean;
  readonly compare?: string;
  readonly markdown?: boolean;
  /** true without a folder. */
  readonly evidence?: true | string;
  readonly observer: ObserverChoice;
  readonly jobs?: number;
  readonly timeout: number;
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
    .addOption(durationOption('--timeout <duration>', 'time limit per scenario', '120s'))
    .addOption(observerOption());
  addPageOptions(command).action(async (texts: readonly string[], options: ClaimsOptions) => {
    const { markdown, evidence, compare } = options;
    const known = compare === undefined ? undefined : readKnownFindings(compare);
    // `--evidence C13`: commander takes the claim for the folder.
    const named = isClaim(evidence) ? [...texts, evidence] : texts;
    const ids = named.length === 0 ? claimIds : named.map(parseClaim);
    const folder = typeof evidence === 'string' && !isClaim(evidence) ? evidence : undefined;
    const text = textOfDocument<ClaimsDocument>((document, paint) => {
      if (markdown) return ledgerMarkdown(document);
      const { compared, machine } = document;
      if (compared !== undefined) return comparedText(compared, machine.kernel, paint);
      return ledgerText(document, evidence === undefined ? 'one each' : 'all evidence', paint);
    });
    finish(
      await withReporters('claims', options, text, (reporter) =>
        decide(ids, folder, known, options, interruption.signal, reporter),
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

function isClaim(text: string | true | undefined): text is string {
  return typeof text === 'string' && /^C\d+$/i.test(text);
}

/** @throws UsageError when it cannot be written, or when nobody could judge what it holds */
function openEvidence(folder: string, ids: readonly string[], { observer }: ClaimsOptions): EvidenceFolder {
  if (observer === 'auto' || observer === 'ss') return new EvidenceFolder(folder, ids);
  throw new UsageError(
    'bad-observer',
    `verify.sh reads what ss prints, not ${observer}: leave --observer ${observer} out`,
  );
}

// Thousands of connections would fill the disk, and no check needs their packets.
function isCaptured({ topic, scenario }: LoadedScenario): boolean {
  return topic !== 'load' || scenario.needs.includes('packets');
}

async function decide(
  ids: readonly string[],
  folder: string | undefined,
  known: KnownFindings | undefined,
  options: ClaimsOptions,
  signal: AbortSignal,
  reporter: Required<Reporter<never, ClaimsDocument>>,
): Promise<number> {
  const startedAt = performance.now();
  const evidence = folder === undefined ? undefined : openEvidence(folder, ids, options);
  const all = await Promise.all(catalogue().map(loadEntry));
  const deciding = all.filter(({ scenario }) => scenario.decides.some((id) => ids.includes(id)));
  const chosen = deciding.filter(({ scenario }) => options.slow || scenario.slow === null);
  const recorder = evidence && new EvidenceRecorder();
  const { results, outcome } = await runAll(chosen, options, recorder, signal);
  // The ledger is not a test: a refuted claim is a finding, but a contradicted check is not what the catalogue expects.
  if (outcome === 'interrupted') return statusOf[outcome];
  const findings = findingsOf(
    all.map(({ name, scenario }) => {
      const result = results.finished.find((finished) => finished.scenario === name);
      return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
    }),
  ).filter(({ id }) => ids.includes(id));
  const ledger = claimsDocumentOf(findings, results.environment, await readMachine(thisMachine, signal));
  const document = known === undefined ? ledger : { ...ledger, compared: compareClaims(known, ledger) };
  if (evidence !== undefined && recorder !== undefined)
    evidence.write(document, recorder, new Map(chosen.map(({ name, scenario }) => [name, scenario.control])));
  const { claims, compared, ...common } = document;
  const unexpected = results.finished.map(caseOf).filter(({ result }) => 'problems' in result);
  reportAtEnd(reporter, document, {
    cases: [...claimCases(document), ...unexpected],
    lines: linesOf('claim', claims, common, compared === undefined ? {} : { compared }),
    durationMs: performance.now() - startedAt,
    summary: {
      level: levels[outcome],
      text: compared === undefined ? ledgerTally(claims) : comparedTally(compared, document.machine.kernel),
    },
  });
  return statusOf[outcome];
}

async function runAll(
  scenarios: readonly LoadedScenario[],
  { observer, timeout, jobs }: ClaimsOptions,
  recorder: EvidenceRecorder | undefined,
  signal: AbortSignal,
): Promise<{ readonly results: Results; readonly outcome: keyof typeof levels }> {
  const results = new Results();
  const spinner = new Spinner();
  const canCapture = (await whyUnmet('packets')) === null;
  const { outcome } = await runLoadedSuite(scenarios, {
    observer,
    timeout,
    jobs,
    abortSignal: signal,
    onEvent: (event) => {
      results.on(event);
      recorder?.on(event);
      spinner.say(`${results.finished.length} of ${scenarios.length}: ${results.running.join(', ')}`);
    },
    recorded: (loaded) => recorder !== undefined && isCaptured(loaded) && canCapture,
  });
  spinner.stop();
  return { results, outcome };
}
