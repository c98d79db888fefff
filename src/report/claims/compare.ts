/** How the findings of this kernel differ from those of another one. A difference is a finding, not a failure. */
import type { ClaimsDocument, Compared } from '../documents/claims.ts';
import { type KeptFinding, keptFindings } from '../documents/kernel.ts';
import type { Paint } from '../paint.ts';
import { hang } from '../text.ts';

export interface KnownFindings {
  readonly kernel: string;
  readonly origin: string;
  readonly claims: readonly KeptFinding[];
}

/** Claims that only one of them has are left out: they belong to other versions of tcpclose. */
export function compareClaims({ kernel, origin, claims }: KnownFindings, now: ClaimsDocument): Compared {
  const known = new Map(claims.map((one) => [one.id, one]));
  const texts = textsOf(now);
  const pairs = keptFindings(now).flatMap((one) => {
    const before = known.get(one.id);
    return before === undefined ? [] : [{ before, now: one }];
  });
  const different = pairs.filter(({ before, now }) => before.finding !== now.finding);
  const isOpen = ({ before, now }: (typeof pairs)[number]) =>
    before.finding === notDecided || now.finding === notDecided;
  const differenceOf = ({ before, now }: (typeof pairs)[number]) => ({
    id: now.id,
    // Stryker disable next-line StringLiteral: each finding has its text
    text: texts.get(now.id) ?? '',
    before: before.finding,
    now: now.finding,
    reason: now.reason ?? before.reason ?? null,
  });
  return {
    kernel,
    origin,
    same: pairs.length - different.length,
    differences: different.filter((pair) => !isOpen(pair)).map(differenceOf),
    undecided: different.filter(isOpen).map(differenceOf),
  };
}

const notDecided = 'not decided';

function textsOf({ claims }: ClaimsDocument): ReadonlyMap<string, string> {
  return new Map(
    claims.flatMap(({ id, claim, parts, cases }): [string, string][] => [
      [id, claim],
      ...[...parts, ...cases].map(({ part, text }): [string, string] => [`${id}/${part}`, text]),
    ]),
  );
}

export function comparedText(
  { kernel, origin, same, differences, undecided }: Compared,
  now: string,
  paint: Paint,
): string[] {
  const linesOf = ({ id, text, before, now: found, reason }: Compared['differences'][number]) => [
    ...hang(`${id}  `, text).map(paint.title),
    ...hang('     ', `Linux ${kernel}: ${before}`),
    ...hang('     ', `Linux ${now}, here: ${found}`),
    ...(reason === null ? [] : hang('     ', reason).map(paint.faint)),
    '',
  ];
  return [
    ...differences.flatMap(linesOf),
    ...(undecided.length === 0
      ? []
      : ['Decided on one of the two kernels:', '', ...undecided.flatMap(linesOf)]),
    ...hang('', comparedTally({ kernel, origin, same, differences, undecided }, now)),
  ];
}

/** `3 of 140 findings differ: Linux 5.10.46 (user-mode-linux 5.10um3 (bullseye)) before, Linux 6.18 now`. */
export function comparedTally(
  { kernel, origin, same, differences, undecided }: Compared,
  now: string,
): string {
  const all = same + differences.length + undecided.length;
  const open = undecided.length === 0 ? '' : `, and ${undecided.length} more are decided on only one kernel`;
  return `${differences.length} of ${all} findings differ${open}: Linux ${kernel} (${origin}) before, Linux ${now} now`;
}
