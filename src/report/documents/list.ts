import * as v from 'valibot';
import { schemaVersion } from './parts.ts';

/** What `tcpclose list --json` prints. */
export const listDocument = v.object({
  schemaVersion,
  scenarios: v.array(
    v.object({
      scenario: v.string(),
      topic: v.string(),
      title: v.string(),
      claim: v.string(),
      source: v.array(v.string()),
      decides: v.array(v.string()),
      needs: v.array(v.string()),
      slow: v.pipe(v.nullable(v.string()), v.description('why it takes more than 5 s; null if it does not')),
    }),
  ),
});

export type ListDocument = v.InferOutput<typeof listDocument>;
