import type { RunDocument } from '../documents/run.ts';
import type { Rendered, Shown } from '../html-data.ts';

type Connection = NonNullable<RunDocument['recording']>['connections'][number];

const mostConnections = 100;
const mostSegments = 8000;

/** A page has the first connections of a load: thousands of them would make it large and slow, and `--json` has them all. */
export function pageOfRun(document: RunDocument): Shown & Pick<Rendered, 'remarks'> {
  const { recording } = document;
  const kept = keptOf(recording?.connections ?? []);
  const all = recording?.connections.length ?? 0;
  if (recording === null || kept.length === all) return { kind: 'demo', documents: [document] };
  return {
    kind: 'demo',
    documents: [{ ...document, recording: { ...recording, connections: kept } }],
    remarks: [
      `The page has the first ${kept.length} of ${all} recorded connections: --json has all of them.`,
    ],
  };
}

function keptOf(connections: readonly Connection[]): readonly Connection[] {
  let segments = 0;
  const fits = (connection: Connection, i: number) => {
    segments += connection.segments.length;
    return i === 0 || (i < mostConnections && segments <= mostSegments);
  };
  const firstOver = connections.findIndex((connection, i) => !fits(connection, i));
  return firstOver === -1 ? connections : connections.slice(0, firstOver);
}
