import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import type { SuiteEvent } from '../events.ts';
import type { ObserverChoice } from '../observe/observers.ts';
import { claimsDocumentOf } from '../report/documents/claims.ts';
import { type LedgerEntry, ledgerMarkdown, ledgerText } from '../report/ledger.ts';
import { createPaint } from '../report/paint.ts';
import { printDocument } from '../report/print-document.ts';
import { Results } from '../report/suite/results.ts';
import { catalogue, loadEntry } from '../scenario/catalogue.ts';
import { type ClaimFinding, claimIds, findingsOf } from '../scenario/findings.ts';
import { runSuite } from '../scenario/suite.ts';
import type { Invocation } from './commands.ts';
import { colorOption, durationOption, jsonOption, observerOption } from './common-options.ts';
import { statusOfSuite } from './exit-status.ts';
import { Progress } from './progress.ts';

interface ClaimsOptions {
  readonly slow?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly evidence?: boolean;
  readonly observer: ObserverChoice;
  readonly timeout: number;
  readonly color: boolean;
}

export function define(command: Command, invocation: Invocation): void {
  command
    .option('--slow', 'run slow scenarios too')
    .option('--evidence', 'show every observation instead of one for each finding')
    .option('--markdown', 'print a Markdown table')
    .addOption(durationOption('--timeout <duration>', 'time limit per scenario', '120s'))
    .addOption(observerOption())
    .addOption(jsonOption())
    .addOption(colorOption())
    .action(async (ids: readonly string[], options: ClaimsOptions) => {
      const wanted = ids.map(parseClaim);
      invocation.finish(await ledger(wanted.length === 0 ? claimIds : wanted, options, invocation));
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

async function ledger(
  ids: readonly string[],
  options: ClaimsOptions,
  { interruption }: Invocation,
): Promise<number> {
  const all = await Promise.all(catalogue().map(loadEntry));
  const deciding = all.filter(({ scenario }) => scenario.decides.some((id) => ids.includes(id)));
  const chosen = deciding.filter(({ scenario }) => options.slow || scenario.slow === null);
  const results = new Results();
  const progress = new Progress();
  const outcome = await runSuite(chosen, {
    address: '127.0.0.1',
    observer: options.observer,
    signal: interruption.signal,
    emit: (event: SuiteEvent) => {
      results.on(event);
      progress.show(`${results.finished.length} of ${chosen.length}: ${results.running.join(', ')}`);
    },
    rounds: 1,
    order: 'duration',
    timeoutMs: options.timeout,
    required: [],
  });
  progress.end();
  const findings = findingsOf(
    all.map(({ name, scenario }) => {
      const result = results.finished.find((finished) => finished.scenario === name);
      return { name, scenario, outcome: result?.outcome, checks: result?.checks ?? [] };
    }),
  ).filter(({ id }) => ids.includes(id));
  if (outcome !== 'interrupted') await print(findings, results, options);
  // The ledger is not a test: a refuted claim is a finding, but a contradicted check is not what the catalogue expects.
  return statusOfSuite(outcome);
}

async function print(
  findings: readonly ClaimFinding[],
  results: Results,
  options: ClaimsOptions,
): Promise<void> {
  if (options.json) {
    printDocument(claimsDocumentOf(findings, results.environment));
    return;
  }
  const entries = findings.map(entryOf);
  const detail = options.evidence ? 'all evidence' : 'one each';
  const paint = await createPaint(options.color ? 'auto' : 'never', process.stdout.isTTY === true);
  const lines = options.markdown
    ? ledgerMarkdown(entries, results.environment)
    : ledgerText(entries, results.environment, detail, paint);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function entryOf({ parts, ...claim }: ClaimFinding): LedgerEntry {
  return { ...claim, parts: parts.map(({ text, ...finding }) => ({ ...finding, claim: text })) };
}
