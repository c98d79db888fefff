import { many } from '../../../many.ts';
import { findingInWords } from '../../claims/decisive.ts';
import type { ClaimsDocument } from '../../documents/claims.ts';
import { h, openOnPaper, pill } from '../dom.ts';
import { environmentLine, filterField, heading } from './parts.ts';

type Claim = ClaimsDocument['claims'][number];
type Finding = Pick<Claim, 'finding' | 'under' | 'refutedUnder' | 'reason' | 'evidence'>;

const wordsFor = {
  holds: ['holds', 'hold'],
  'holds under': ['holds under conditions', 'hold under conditions'],
  refuted: ['refuted', 'refuted'],
  'does not apply': ['does not apply', 'do not apply'],
  'not decided': ['not decided', 'not decided'],
} as const;

/** The ledger: each claim with its finding and the evidence. */
export function claimsView({ claims, environment }: ClaimsDocument): readonly HTMLElement[] {
  const tally = Object.entries(wordsFor).flatMap(([kind, [one, more]]) => {
    const count = claims.filter(({ finding }) => finding === kind).length;
    return count === 0 ? [] : many(count, one, more);
  });
  const entries = claims.map((claim) => ({
    element: entry(claim),
    words: [
      claim.id,
      claim.claim,
      claim.finding,
      ...claim.scenarios,
      ...[...claim.parts, ...claim.cases].map(({ text }) => text),
    ].join(' '),
  }));
  return [
    heading(
      'tcpclose claims',
      `${claims.length} claims: ${tally.join(', ')}`,
      'What people say about closed connections, and what this machine did.',
      environmentLine(environment),
    ),
    filterField('Filter: "refuted", "SO_REUSEADDR" ...', entries),
    ...entries.map(({ element }) => element),
  ];
}

function entry({ id, claim, parts, cases, ...found }: Claim): HTMLElement {
  return h(
    'article',
    { class: 'claim', 'aria-labelledby': `claim-${id}` },
    h('h2', { id: `claim-${id}` }, h('span', { class: 'claim-id' }, `${id} `), claim),
    findingPill(found),
    evidence(found),
    ...parts.map(part),
    cases.length === 0 ? null : h('h3', { class: 'beside' }, 'Beside the claim'),
    ...cases.map(part),
  );
}

function part({ part, text, ...own }: Claim['parts'][number]): HTMLElement {
  return h(
    'div',
    { class: 'part' },
    h('p', { class: 'part-text' }, h('span', { class: 'claim-id' }, `${part} `), text),
    findingPill(own),
    evidence(own),
  );
}

function findingPill(found: Parameters<typeof findingInWords>[0]): HTMLElement {
  const { finding } = found;
  const kind = finding.startsWith('holds') ? 'good' : finding === 'refuted' ? 'bad' : 'faint';
  return pill(kind, findingInWords(found));
}

function evidence({ reason, evidence, finding }: Finding): HTMLElement | null {
  if (finding === 'not decided' && reason !== null) return h('p', { class: 'reason' }, reason);
  if (evidence.length === 0) return null;
  const observations = h(
    'details',
    {},
    h('summary', {}, evidence.length === 1 ? 'one observation' : `${evidence.length} observations`),
    h(
      'ul',
      { class: 'checks' },
      ...evidence.map(({ scenario, title, expected, observed, ...one }) =>
        h(
          'li',
          {},
          findingPill({ ...one, refutedUnder: null }),
          ' ',
          h('code', {}, scenario),
          ` ${title}: ${observed}`,
          observed === expected ? null : h('span', { class: 'faint' }, ` (expected ${expected})`),
        ),
      ),
    ),
  );
  return openOnPaper(observations);
}
