import * as v from 'valibot';
import type { LoadedScenario } from '../../scenario/catalogue.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

export const listedScenario = v.object({
  scenario: v.string(),
  topic: v.string(),
  title: v.string(),
  claim: v.string(),
  source: v.array(v.string()),
  decides: v.array(v.string()),
  needs: v.array(v.string()),
  slow: v.pipe(v.nullable(v.string()), v.description('why it takes more than 5 s; null if it does not')),
});

/** What `tcpclose list --json` prints. */
export const listDocument = v.object({ schemaVersion, scenarios: v.array(listedScenario) });

export type ListDocument = DocumentOf<typeof listDocument>;

export function listDocumentOf(scenarios: readonly LoadedScenario[]): ListDocument {
  return {
    schemaVersion: 1,
    scenarios: scenarios.map(({ name, topic, scenario }) => {
      const { title, claim, source, decides, needs, slow } = scenario;
      return { scenario: name, topic, title, claim, source, decides, needs, slow };
    }),
  };
}
