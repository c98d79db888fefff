import { UsageError } from '../errors.ts';
import type { SuiteEvent } from '../events.ts';
import { thisMachine } from '../lab/hosts/host.ts';
import { readMachine } from '../observe/machine.ts';
import { compareClaims } from '../report/claims/compare.ts';
import { type ClaimsDocument, claimsDocumentOf } from '../report/documents/claims.ts';
import { EvidenceFolder } from '../report/evidence/folder.ts';
import { EvidenceRecorder } from '../report/evidence/recorder.ts';
import { Results } from '../report/suite/results.ts';
import { catalogue, type LoadedScenario, loadEntry } from '../scenario/catalogue.ts';
import { claimIds, findingsOf } from '../scenario/findings.ts';
import { whyUnmet } from '../scenario/needs.ts';
import { requireTexts } from './command.ts';
import type { Duration } from './duration.ts';
import { type Following, signalOf } from './following.ts';
import { readKnownFindings } from './known-kernel.ts';
import { runLoadedSuite, type SuiteOptions } from './run-suite.ts';

export interface ClaimsOptions
  extends Following<SuiteEvent>,
    Pick<SuiteOptions, 'slow' | 'observer' | 'jobs'> {
  /** Compare with a saved document, or with a known kernel such as `5.10`. */
  readonly compare?: string | undefined;
  /** Write evidence for each finding into this folder. */
  readonly evidence?: string | undefined;
  /** Time limit per scenario (default: 120 s). */
  readonly timeout?: Duration | undefined;
}

export async function claims(
  asked: readonly string[] = [],
  options: ClaimsOptions = {},
): Promise<ClaimsDocument> {
  requireTexts(asked, 'the claims', 'C01');
  const { evidence: folder, compare, slow = false } = options;
  const signal = signalOf(options);
  const ids = asked.length === 0 ? claimIds : asked.map(parseClaim);
  const known = compare === undefined ? undefined : readKnownFindings(compare);
  const evidence = folder === undefined ? undefined : openEvidence(folder, ids, options);
  const all = await Promise.all(catalogue().map(loadEntry));
  const deciding = all.filter(({ scenario }) => scenario.decides.some((id) => ids.includes(id)));
  const chosen = deciding.filter(({ scenario }) => slow || scenario.slow === null);
  const recorder = evidence && new EvidenceRecorder();
  const results = await runAll(chosen, options, recorder);
  signal.throwIfAborted();
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
  return document;
}

function parseClaim(text: string): string {
  const id = claimIds.find((known) => known === text.toUpperCase());
  if (id !== undefined) return id;
  throw new UsageError(
    'unknown-claim',
    `"${text}" is not a claim: choose from ${claimIds[0]} to ${claimIds.at(-1)}`,
  );
}

/** @throws UsageError if it cannot be written, or if its contents could not be verified */
function openEvidence(
  folder: string,
  ids: readonly string[],
  { observer = 'auto' }: ClaimsOptions,
): EvidenceFolder {
  if (observer === 'auto' || observer === 'ss') return new EvidenceFolder(folder, ids);
  throw new UsageError(
    'bad-observer',
    `verify.sh reads what ss prints, not ${observer}: leave out --observer ${observer}`,
  );
}

// Thousands of connections would fill the disk, and no check needs their packets.
function isCaptured({ topic, scenario }: LoadedScenario): boolean {
  return topic !== 'load' || scenario.needs.includes('packets');
}

async function runAll(
  scenarios: readonly LoadedScenario[],
  { observer, timeout = '120s', jobs, abortSignal, onEvent }: ClaimsOptions,
  recorder: EvidenceRecorder | undefined,
): Promise<Results> {
  const results = new Results();
  const canCapture = (await whyUnmet('packets')) === null;
  await runLoadedSuite(scenarios, {
    ...{ observer, timeout, jobs, abortSignal },
    onEvent: (event) => {
      results.on(event);
      recorder?.on(event);
      onEvent?.(event);
    },
    recorded: (loaded) => recorder !== undefined && isCaptured(loaded) && canCapture,
  });
  return results;
}
