import * as v from 'valibot';
import type { Environment } from '../../events.ts';
import type { ClaimFinding } from '../../scenario/findings.ts';
import { type DocumentOf, environment, schemaVersion } from './parts.ts';

const finding = v.picklist(['holds', 'refuted', 'does not apply', 'not decided']);

const evidence = v.array(
  v.object({
    scenario: v.string(),
    title: v.string(),
    expected: v.string(),
    observed: v.string(),
    finding: v.picklist(['holds', 'refuted', 'does not apply']),
  }),
);

const reason = v.pipe(v.nullable(v.string()), v.description('why it is not decided; null if it is'));

/** What `tcpclose claims --json` prints. */
export const claimsDocument = v.object({
  schemaVersion,
  environment: v.nullable(environment),
  claims: v.array(
    v.object({
      id: v.string(),
      claim: v.string(),
      finding: v.pipe(finding, v.description('of the claim as stated; its parts have their own')),
      reason,
      scenarios: v.array(v.string()),
      evidence,
      parts: v.array(v.object({ part: v.string(), text: v.string(), finding, reason, evidence })),
    }),
  ),
});

export type ClaimsDocument = DocumentOf<typeof claimsDocument>;

export function claimsDocumentOf(
  claims: readonly ClaimFinding[],
  environment: Environment | null,
): ClaimsDocument {
  return { schemaVersion: 1, environment, claims };
}
