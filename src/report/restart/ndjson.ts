import type { RestartDocument } from '../documents/restart.ts';

/** One line of JSON for each way to restart, and the verdict of all of them. */
export function restartNdjson({ runs, verdict, ...common }: RestartDocument): string[] {
  return [
    ...runs.map((run) => JSON.stringify({ type: 'run', ...common, ...run })),
    JSON.stringify({ type: 'finished', ...common, verdict }),
  ];
}
