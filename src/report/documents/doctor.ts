import * as v from 'valibot';
import type { Group } from '../../doctor/doctor.ts';
import { harmless } from '../../foreign.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

/** What `tcpclose doctor --json` prints. */
export const doctorDocument = v.object({
  schemaVersion,
  verdict: v.pipe(
    v.picklist(['complete', 'limited']),
    v.description('limited: something is missing or limited, and the check says what that costs'),
  ),
  groups: v.array(
    v.object({
      title: v.string(),
      checks: v.array(
        v.object({
          name: v.string(),
          state: v.picklist(['available', 'limited', 'missing']),
          detail: v.pipe(v.string(), v.description('what was seen, or the reason and the remedy')),
          costs: v.pipe(v.string(), v.description('what is lost without it')),
        }),
      ),
    }),
  ),
});

export type DoctorDocument = DocumentOf<typeof doctorDocument>;

export function doctorDocumentOf(groups: readonly Group[]): DoctorDocument {
  const isComplete = groups.every(({ checks }) => checks.every(({ state }) => state === 'available'));
  return {
    schemaVersion: 1,
    verdict: isComplete ? 'complete' : 'limited',
    groups: groups.map(({ title, checks }) => ({
      title,
      checks: checks.map(({ name, state, detail, costs }) => ({
        name,
        state,
        detail: harmless(detail),
        costs,
      })),
    })),
  };
}
