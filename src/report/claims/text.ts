import { pageWidth } from '../columns.ts';
import type { ClaimsDocument } from '../documents/claims.ts';
import { describeEnvironment } from '../environment.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

type Claim = ClaimsDocument['claims'][number];
type Finding = Pick<Claim, 'finding' | 'reason' | 'evidence'>;

const margin = '     ';

/** The ledger for a terminal: each claim, its finding, and the observation that decided it. */
export function ledgerText(
  { claims, environment }: ClaimsDocument,
  detail: 'one each' | 'all evidence',
  paint: Paint,
): string[] {
  const paintFinding = (finding: Claim['finding']) => {
    if (finding === 'holds') return paint.good(finding);
    return finding === 'refuted' ? paint.bad(finding) : paint.faint(finding);
  };
  const explain = (entry: Finding) => {
    if (entry.finding === 'not decided') return hang(`${margin}  `, entry.reason ?? '').map(paint.faint);
    const telling = entry.evidence.filter(({ finding }) => finding === entry.finding);
    return (detail === 'one each' ? telling.slice(0, 1) : entry.evidence).flatMap(
      ({ scenario, title, observed }) =>
        hang(`${margin}  `, `${scenario}: ${title}: ${observed}`).map(paint.faint),
    );
  };
  const lines = claims.flatMap((entry) => [
    '',
    ...hang(`${entry.id}  `, entry.claim).map(paint.title),
    margin + paintFinding(entry.finding),
    ...explain(entry),
    ...entry.parts.flatMap((part) => {
      const told = hang(`${margin}- `, `${part.text}:`, pageWidth() - ' does not apply'.length);
      return [...told.slice(0, -1), `${told.at(-1)} ${paintFinding(part.finding)}`, ...explain(part)];
    }),
  ]);
  return [
    ...(environment === null ? [] : [paint.faint(describeEnvironment(environment))]),
    ...lines,
    '',
    ledgerTally(claims),
  ];
}

/** The ledger as a table of Markdown. */
export function ledgerMarkdown({ claims, environment }: ClaimsDocument): string[] {
  const row = (id: string, claim: string, entry: Finding) => {
    const [first] = entry.evidence.filter(({ finding }) => finding === entry.finding);
    const why = first === undefined ? entry.reason : `${first.scenario}: ${first.title}: ${first.observed}`;
    return `| ${[id, claim, `**${entry.finding}**`, why ?? ''].map(cell).join(' | ')} |`;
  };
  return [
    ...(environment === null ? [] : [describeEnvironment(environment), '']),
    '| id | claim | finding | evidence |',
    '|---|---|---|---|',
    ...claims.flatMap((entry) => [
      row(entry.id, entry.claim, entry),
      ...entry.parts.map((part) => row('', part.text, part)),
    ]),
    '',
    ledgerTally(claims),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** `2 claims: 1 holds, 1 refuted`. */
export function ledgerTally(entries: readonly Claim[]): string {
  const count = (finding: Claim['finding']) => entries.filter((entry) => entry.finding === finding).length;
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
