/** A run saved by a version without times of steps: each gets the time of the next reading. */
interface OldStep {
  readonly number: number;
  readonly snapshots: readonly { readonly atMs: number }[];
  readonly parties: readonly object[];
  readonly actions: readonly object[];
}

interface OldRun {
  readonly steps: readonly OldStep[];
  readonly checks: readonly { readonly step: number }[];
  readonly recording: { readonly connections: readonly { readonly segments: readonly object[] }[] } | null;
}

export function olderRun(document: unknown): { readonly document: unknown; readonly remark: string } | null {
  const { steps, checks, recording } = document as OldRun;
  if (!Array.isArray(steps) || !Array.isArray(checks) || steps.every((step) => 'atMs' in step)) return null;
  let last = 0;
  const times = new Map<number, { readonly first: number; readonly last: number }>();
  for (const { number, snapshots } of steps as OldRun['steps']) {
    const first = snapshots[0]?.atMs ?? last;
    last = snapshots.at(-1)?.atMs ?? first;
    times.set(number, { first, last });
  }
  const began = (number: number) => times.get(number)?.first ?? 0;
  return {
    document: {
      ...(document as object),
      steps: (steps as OldRun['steps']).map((step) => {
        const atMs = began(step.number);
        const timed = (things: readonly object[]) => things.map((thing) => ({ atMs, ...thing }));
        return { atMs, ...step, parties: timed(step.parties), actions: timed(step.actions) };
      }),
      checks: (checks as OldRun['checks']).map((check) => ({
        atMs: times.get(check.step)?.last ?? 0,
        ...check,
      })),
      recording:
        recording === null
          ? null
          : {
              ...recording,
              connections: recording.connections.map((connection) => ({
                ...connection,
                segments: connection.segments.map((segment) => ({ bytes: '', ...segment })),
              })),
            },
    },
    remark:
      'An earlier version saved it, without the times of steps, actions and checks: they stand at the reading of the table that came next, which is later.',
  };
}
