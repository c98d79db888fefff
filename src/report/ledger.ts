import type { Environment } from '../events.ts';
import { pageWidth } from './columns.ts';
import { describeEnvironment } from './environment.ts';
import type { Paint } from './paint.ts';
import { hang } from './text.ts';

interface Entry {
  readonly claim: string;
  readonly finding: 'holds' | 'refuted' | 'does not apply' | 'not decided';
  readonly reason: string | null;
  readonly evidence: readonly {
    readonly scenario: string;
    readonly title: string;
    readonly observed: string;
    readonly finding: string;
  }[];
}

/** A claim of the ledger with what was found of it. */
export interface LedgerEntry extends Entry {
  readonly id: string;
  readonly scenarios: readonly string[];
  readonly parts: readonly Entry[];
}

const margin = '     ';

/** The ledger for a terminal: each claim, its finding, and the observation that decided it. */
export function ledgerText(
  entries: readonly LedgerEntry[],
  environment: Environment | null,
  detail: 'one each' | 'all evidence',
  paint: Paint,
): string[] {
  const paintFinding = (finding: Entry['finding']) => {
    if (finding === 'holds') return paint.good(finding);
    return finding === 'refuted' ? paint.bad(finding) : paint.faint(finding);
  };
  const explain = (entry: Entry) => {
    if (entry.finding === 'not decided') return hang(`${margin}  `, entry.reason ?? '').map(paint.faint);
    const telling = entry.evidence.filter(({ finding }) => finding === entry.finding);
    return (detail === 'one each' ? telling.slice(0, 1) : entry.evidence).flatMap(
      ({ scenario, title, observed }) =>
        hang(`${margin}  `, `${scenario}: ${title}: ${observed}`).map(paint.faint),
    );
  };
  const lines = entries.flatMap((entry) => [
    '',
    ...hang(`${entry.id}  `, entry.claim).map(paint.title),
    margin + paintFinding(entry.finding),
    ...explain(entry),
    ...entry.parts.flatMap((part) => {
      const told = hang(`${margin}- `, `${part.claim}:`, pageWidth() - ' does not apply'.length);
      return [...told.slice(0, -1), `${told.at(-1)} ${paintFinding(part.finding)}`, ...explain(part)];
    }),
  ]);
  return [
    ...(environment === null ? [] : [paint.faint(describeEnvironment(environment))]),
    ...lines,
    '',
    tally(entries),
  ];
}

/** The ledger as a table of Markdown. */
export function ledgerMarkdown(entries: readonly LedgerEntry[], environment: Environment | null): string[] {
  const row = (id: string, entry: Entry) => {
    const [first] = entry.evidence.filter(({ finding }) => finding === entry.finding);
    const why = first === undefined ? entry.reason : `${first.scenario}: ${first.title}: ${first.observed}`;
    return `| ${[id, entry.claim, `**${entry.finding}**`, why ?? ''].map(cell).join(' | ')} |`;
  };
  return [
    ...(environment === null ? [] : [describeEnvironment(environment), '']),
    '| id | claim | finding | evidence |',
    '|---|---|---|---|',
    ...entries.flatMap((entry) => [row(entry.id, entry), ...entry.parts.map((part) => row('', part))]),
    '',
    tally(entries),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function tally(entries: readonly LedgerEntry[]): string {
  const count = (finding: Entry['finding']) => entries.filter((entry) => entry.finding === finding).length;
  const findings = ['holds', 'refuted', 'does not apply', 'not decided'] as const;
  const told = findings
    .filter((finding) => count(finding) > 0)
    .map((finding) => `${count(finding)} ${count(finding) === 1 ? one[finding] : several[finding]}`);
  return `${entries.length} ${entries.length === 1 ? 'claim' : 'claims'}: ${told.join(', ')}`;
}

const one = {
  holds: 'holds',
  refuted: 'refuted',
  'does not apply': 'not applicable',
  'not decided': 'not decided',
} as const;

const several = { ...one, holds: 'hold' } as const;
