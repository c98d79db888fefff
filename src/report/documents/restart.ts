import * as v from 'valibot';
import type { TrialResult } from '../../restart/trial.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';
import { run, runOf, verdict } from './restart-run.ts';

/** What `tcpclose restart --json` prints. */
export const restartDocument = v.object({
  schemaVersion,
  command: v.array(v.string()),
  port: v.nullable(v.number()),
  path: v.pipe(v.nullable(v.string()), v.description('of a server on a Unix socket')),
  runs: v.array(run),
  verdict,
});

export type RestartDocument = DocumentOf<typeof restartDocument>;

/** The document of these restarts. */
export function restartDocumentOf(
  command: readonly string[],
  results: readonly TrialResult[],
): RestartDocument {
  const target = results.flatMap(({ rounds }) => rounds)[0]?.target;
  return {
    schemaVersion: 1,
    command,
    port: target !== undefined && 'port' in target ? target.port : null,
    path: target !== undefined && 'path' in target ? target.path : null,
    runs: results.map(runOf),
    verdict: verdictOf(results),
  };
}

/** The worst verdict of all. */
function verdictOf(results: readonly TrialResult[]): RestartDocument['verdict'] {
  const order = ['fails', 'loses', 'not decided', 'survives'] as const;
  return order.find((verdict) => results.some((result) => result.verdict === verdict)) ?? 'not decided';
}
