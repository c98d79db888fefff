import { many } from '../../many.ts';
import { pageWidth } from '../columns.ts';
import type { ClaimsDocument } from '../documents/claims.ts';
import { describeEnvironment } from '../environment.ts';
import { escaped } from '../markdown/words.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';
import { decisiveOf, findingInWords } from './decisive.ts';

type Claim = ClaimsDocument['claims'][number];
type Finding = Pick<Claim, 'finding' | 'under' | 'refutedUnder' | 'reason' | 'evidence'>;

const margin = '     ';

/** The ledger for a terminal: each claim, its finding, and the observation that decided it. */
export function ledgerText(
  { claims, environment }: ClaimsDocument,
  detail: 'one each' | 'all evidence',
  paint: Paint,
): string[] {
  const painterOf = ({ finding }: Finding) => {
    if (finding.startsWith('holds')) return paint.good;
    return finding === 'refuted' ? paint.bad : paint.faint;
  };
  // Colours the finding, but not the margin.
  const findingLines = (indent: string, entry: Finding) =>
    hang(indent, findingInWords(entry)).map((line) => indent + painterOf(entry)(line.slice(indent.length)));
  const explain = (entry: Finding) => {
    if (entry.finding === 'not decided') return hang(`${margin}  `, entry.reason ?? '').map(paint.faint);
    const decisive = decisiveOf(entry.evidence, entry.finding);
    return (detail === 'one each' ? decisive.slice(0, 1) : entry.evidence).flatMap(
      ({ scenario, title, observed }) =>
        hang(`${margin}  `, `${scenario}: ${title}: ${observed}`).map(paint.faint),
    );
  };
  const statement = (one: Claim['parts'][number], bullet: string) => {
    const words = findingInWords(one);
    const begun = hang(`${margin}${bullet} `, `${one.text}:`, pageWidth() - ' does not apply'.length);
    const last = begun.at(-1) ?? '';
    const fits = last.length + 1 + words.length <= pageWidth();
    const lines = fits
      ? [...begun.slice(0, -1), `${last} ${painterOf(one)(words)}`]
      : [...begun, ...findingLines(`${margin}  `, one)];
    return [...lines, ...explain(one)];
  };
  const lines = claims.flatMap((entry) => [
    '',
    ...hang(`${entry.id}  `, entry.claim).map(paint.title),
    ...findingLines(margin, entry),
    // The parts below show what a finding of parts rests on.
    ...(entry.parts.length === 0 || entry.finding === 'not decided' ? explain(entry) : []),
    ...entry.parts.flatMap((part) => statement(part, '-')),
    ...entry.cases.flatMap((one) => statement(one, '+')),
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
    const [first] = decisiveOf(entry.evidence, entry.finding);
    const why = first === undefined ? entry.reason : `${first.scenario}: ${first.title}: ${first.observed}`;
    return `| ${[id, escaped(claim), `**${findingInWords(entry)}**`, escaped(why ?? '')].join(' | ')} |`;
  };
  return [
    ...(environment === null ? [] : [describeEnvironment(environment), '']),
    '| id | claim | finding | evidence |',
    '|---|---|---|---|',
    ...claims.flatMap((entry) => [
      row(entry.id, entry.claim, entry),
      ...[...entry.parts, ...entry.cases].map((one) => row('', one.text, one)),
    ]),
    '',
    ledgerTally(claims),
  ];
}

/** `2 claims: 1 holds, 1 refuted`. */
export function ledgerTally(entries: readonly Claim[]): string {
  const count = (finding: Claim['finding']) => entries.filter((entry) => entry.finding === finding).length;
  const findings = ['holds', 'holds under', 'refuted', 'does not apply', 'not decided'] as const;
  const lines = findings
    .filter((finding) => count(finding) > 0)
    .map((finding) => many(count(finding), one[finding], several[finding]));
  return `${many(entries.length, 'claim')}: ${lines.join(', ')}`;
}

const one = {
  holds: 'holds',
  'holds under': 'holds under conditions',
  refuted: 'refuted',
  'does not apply': 'not applicable',
  'not decided': 'not decided',
} as const;

const several = { ...one, holds: 'hold', 'holds under': 'hold under conditions' } as const;
