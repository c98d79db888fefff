/** Something is awaited. `leftMs`: until it comes by itself; null if that is not known. */
export interface WaitingEvent {
  readonly type: 'waiting';
  readonly what: string;
  readonly leftMs: number | null;
}

/** Turns what a room reports, with the time of its end on the axis of performance.now(), into events. */
export function waitingEvents(
  onEvent: ((event: WaitingEvent) => void) | undefined,
): (what: string, endsAt?: number) => void {
  return (what, endsAt) => {
    const leftMs = endsAt === undefined ? null : Math.max(0, endsAt - performance.now());
    onEvent?.({ type: 'waiting', what, leftMs });
  };
}
