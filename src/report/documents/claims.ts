import * as v from 'valibot';
import type { Environment } from '../../events.ts';
import type { Machine } from '../../observe/machine.ts';
import type { ClaimFinding } from '../../scenario/findings.ts';
import { type DocumentOf, environment, machine, schemaVersion } from './parts.ts';

const finding = v.picklist(['holds', 'holds under', 'refuted', 'does not apply', 'not decided']);

const evidence = v.array(
  v.object({
    scenario: v.string(),
    title: v.string(),
    expected: v.string(),
    observed: v.string(),
    finding: v.picklist(['holds', 'refuted', 'does not apply', 'not decided']),
    under: v.nullable(v.string()),
  }),
);

const text = (description: string) => v.pipe(v.nullable(v.string()), v.description(description));

const found = {
  under: text('the settings or options under which it holds; null if it holds without any, or does not hold'),
  refutedUnder: text('under which it was refuted, if it holds under others'),
  reason: text('why it is not decided; null if it is'),
  evidence,
};

const statement = v.object({ part: v.string(), text: v.string(), finding, ...found });

const difference = v.object({
  id: v.pipe(v.string(), v.description('C06, or C06/new only for a part')),
  text: v.string(),
  before: v.pipe(v.string(), v.description('the finding in words')),
  now: v.string(),
  reason: v.pipe(v.nullable(v.string()), v.description('why one of them is not decided')),
});

const compared = v.object({
  kernel: v.string(),
  origin: v.pipe(v.string(), v.description('what it was run as, or the file')),
  same: v.number(),
  differences: v.pipe(v.array(difference), v.description('decided on both, and otherwise')),
  undecided: v.pipe(v.array(difference), v.description('not decided on one of them')),
});

export type Compared = DocumentOf<typeof compared>;

/** What `tcpclose claims --json` prints. */
export const claimsDocument = v.object({
  schemaVersion,
  environment: v.nullable(environment),
  machine,
  compared: v.optional(
    v.pipe(compared, v.description('with --compare: how the findings differ from those of another kernel')),
  ),
  claims: v.array(
    v.object({
      id: v.string(),
      claim: v.string(),
      finding: v.pipe(
        finding,
        v.description('of the claim as stated; if it has parts, computed from theirs'),
      ),
      ...found,
      scenarios: v.array(v.string()),
      parts: v.pipe(v.array(statement), v.description('what the claim consists of')),
      cases: v.pipe(v.array(statement), v.description('what is shown beside the claim')),
    }),
  ),
});

export type ClaimsDocument = DocumentOf<typeof claimsDocument>;

export function claimsDocumentOf(
  claims: readonly ClaimFinding[],
  environment: Environment | null,
  machine: Machine,
): ClaimsDocument {
  return { schemaVersion: 1, environment, machine, claims };
}
