import type { RunDocument } from '../documents/run.ts';

/** Marks the rows of all tables that belong to a part of the run; with null, no row. */
export function markRows(run: RunDocument, extent: readonly [number, number] | null): void {
  for (const row of document.querySelectorAll('tr[data-row]')) {
    const at = timeOf(run, row.getAttribute('data-row') ?? '');
    const belongs = extent !== null && at !== null && at >= extent[0] && at < extent[1];
    row.classList.toggle('in-step', belongs);
  }
}

/** The time of the thing that a key of the picture names; null if it has none. */
function timeOf({ checks, steps, recording }: RunDocument, key: string): number | null {
  const [kind, ...numbers] = key.split(':');
  const [first = 0, second = 0] = numbers.map(Number);
  const connection = recording?.connections[first];
  switch (kind) {
    case 'check':
    case 'bind':
      return checks[first]?.atMs ?? null;
    case 'segment':
      return connection?.segments[second]?.atMs ?? null;
    case 'state':
      return connection?.transitions[second]?.atMs ?? null;
    case 'party':
      return steps[first]?.parties[second]?.atMs ?? null;
    case 'action':
      return steps[first]?.actions[second]?.atMs ?? null;
    case 'step':
      return steps.find(({ number }) => number === first)?.atMs ?? null;
    default:
      return null;
  }
}
