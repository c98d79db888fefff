import type { Answer, CountedEvent } from '../../events.ts';
import { countBy, groupBy } from '../../group.ts';
import { movements, parseCounters } from '../../observe/counters/counters.ts';
import { packageVersion } from '../../package.ts';
import type { Derivation, Question } from '../../question.ts';
import type { ClaimsDocument } from '../documents/claims.ts';
import type { EvidenceDocument } from '../documents/evidence.ts';
import { pcapOf } from '../packets/pcap-of.ts';
import type { RecordedCheck, RecordedRun } from './recorder.ts';

type Claim = ClaimsDocument['claims'][number];
type Evidence = Claim['evidence'][number];
type CheckDocument = EvidenceDocument['checks'][number];

/** Stores what was recorded in the folder, and returns the path of its file. */
type Keep = (name: string, content: string | Buffer) => string;

/** A scenario that bears on the claim, and the stimulus without which its result changes. */
export interface DecidingRun {
  readonly run: RecordedRun;
  readonly control: string;
}

/** The document of a claim; `keep` gets the raw files that it refers to. */
export function evidenceDocumentOf(
  claim: Claim,
  runs: readonly DecidingRun[],
  environment: EvidenceDocument['environment'],
  keep: Keep,
): EvidenceDocument {
  const { id, finding, under, refutedUnder, reason } = claim;
  return {
    schemaVersion: 1,
    tcpclose: packageVersion(),
    environment,
    claim: {
      ...{ id, claim: claim.claim, finding, under, refutedUnder, reason },
      parts: claim.parts.map(statementDocument),
      cases: claim.cases.map(statementDocument),
    },
    scenarios: runs.map(({ run }) => scenarioDocument(run, keep)),
    checks: runs.flatMap((one) => checkDocuments(one, claim, keep)),
  };
}

function statementDocument(one: Claim['parts'][number]): EvidenceDocument['claim']['parts'][number] {
  const { part, text, finding, under, refutedUnder } = one;
  return { part, text, finding, under, refutedUnder };
}

function scenarioDocument(run: RecordedRun, keep: Keep): EvidenceDocument['scenarios'][number] {
  const { scenario: name, title, claim, outcome } = run.document;
  const { recording } = run;
  const lines = recording?.traceLines ?? [];
  const flags = recording?.segments.flatMap((segment) => segment.flags) ?? [];
  return {
    ...{ name, title, claim, outcome },
    run: keep(`runs/${name}.json`, `${JSON.stringify(run.document, null, 2)}\n`),
    counters: run.counters.map(({ host, before, after }, i) => ({
      host,
      before: keep(`counters/${name}-${i + 1}-begin.txt`, before),
      after: keep(`counters/${name}-${i + 1}-end.txt`, after),
    })),
    answers:
      run.answers.length === 0 ? null : keep(`answers/${name}.ndjson`, run.answers.map(lineOf).join('')),
    trace: lines.length === 0 ? null : keep(`trace/${name}.txt`, lines.map((line) => `${line}\n`).join('')),
    packets: recording && {
      file: keep(`packets/${name}.pcap`, pcapOf(recording)),
      segments: recording.segments.length,
      flags: Object.fromEntries(countBy(flags, (flag) => flag)),
    },
  };
}

/** Long texts that a process had to write are truncated; its answers are complete. */
function lineOf({ params, ...answer }: Answer): string {
  const cut = (_: string, value: unknown) =>
    typeof value === 'string' && value.length > longestParameter
      ? `${value.slice(0, longestParameter)} (${value.length} characters)`
      : value;
  return `${JSON.stringify({ ...answer, params: JSON.parse(JSON.stringify(params, cut) ?? 'null') })}\n`;
}

const longestParameter = 200;

/** The checks that bear on the claim, or on a part or a case of it. */
function checkDocuments({ run, control }: DecidingRun, claim: Claim, keep: Keep): CheckDocument[] {
  const { scenario } = run.document;
  return run.checks.flatMap((recorded, i) => {
    const claims = bearingsOf(recorded, scenario, claim);
    if (claims.length === 0) return [];
    const { title, expected, observed, verdict, question = null } = recorded.check;
    const { without, uncontrolled = null } = recorded.check;
    const name = `${scenario}-${String(i + 1).padStart(2, '0')}`;
    return {
      ...{ scenario, title, expected, observed, verdict, claims },
      without: uncontrolled === null ? (without ?? control) : null,
      uncontrolled,
      question: question && questionDocument(question, recorded, name, keep),
      counted: countedDocuments(recorded.counted, (text, i) => keep(`counters/${name}-${i}.txt`, text)),
    };
  });
}

/** What a check says about the claim, its parts and its cases, as far as the ledger counts it. */
function bearingsOf({ check }: RecordedCheck, scenario: string, claim: Claim): CheckDocument['claims'] {
  const isIt = (one: Evidence) =>
    one.scenario === scenario &&
    one.title === check.title &&
    one.expected === check.expected &&
    one.observed === check.observed;
  const all = [
    { name: claim.id, evidence: claim.evidence },
    ...[...claim.parts, ...claim.cases].map(({ part, evidence }) => ({
      name: `${claim.id}/${part}`,
      evidence,
    })),
  ];
  return all.flatMap(({ name, evidence }) => {
    const found = check.bearings.some((bearing) => bearing.claim === name) && evidence.find(isIt);
    return found ? [{ claim: name, finding: found.finding, under: found.under }] : [];
  });
}

function questionDocument(
  question: Question,
  recorded: RecordedCheck,
  name: string,
  keep: Keep,
): CheckDocument['question'] {
  if (question.about === 'table')
    return {
      ...question,
      readings: question.readings.map((text, i) => keep(`ss/${name}-${i + 1}.txt`, text)),
    };
  const derived = question.derived ?? counterOf(question, recorded.counted);
  return { ...question, derived: derived && derivationDocument(derived, recorded, name, keep) };
}

/** The derivation of a value that is the movement of one counter; null for other values. */
function counterOf(question: Question, counted: readonly CountedEvent[]): Derivation | null {
  const [one, ...others] = countedDocuments(counted, (_, name) => name);
  if (question.about !== 'value' || question.segments !== null) return null;
  if (one === undefined || others.length > 0 || one.by !== question.observed) return null;
  return { from: 'counters', ends: null, jq: 'first.by' };
}

function derivationDocument(
  derived: Derivation,
  { answers, table }: RecordedCheck,
  name: string,
  keep: Keep,
): NonNullable<Extract<CheckDocument['question'], { about: 'value' }>['derived']> {
  const reading = derived.from === 'table' && table !== null ? keep(`ss/${name}-before.txt`, table) : null;
  return { ...derived, reading, answers: derived.from === 'answers' ? answers : null };
}

/** Each counter, with its readings on each host. */
function countedDocuments(
  counted: readonly CountedEvent[],
  keepReading: (text: string, name: string) => string,
): CheckDocument['counted'] {
  return [...groupBy(counted, ({ counter }) => counter)].map(([counter, all]) => {
    // If something is read repeatedly, as while waiting, the last answer counts.
    const hosts = new Map(all.map((one) => [one.host, one]));
    return {
      counter,
      by: [...hosts.values()].reduce((sum, one) => sum + movedBy(one), 0),
      hosts: [...hosts.values()].map(({ before, after }, i) => ({
        before: keepReading(before, `${counter}-${i + 1}-before`),
        after: keepReading(after, `${counter}-${i + 1}-after`),
      })),
    };
  });
}

function movedBy({ counter, before, after }: CountedEvent): number {
  const moved = movements(parseCounters(before), parseCounters(after));
  return moved.find(({ name }) => name === counter)?.by ?? 0;
}
