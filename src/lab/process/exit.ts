/** How a process ended: by itself with a status, or by a signal. */
export type Exit =
  | { readonly state: 'exited'; readonly status: number }
  | { readonly state: 'killed'; readonly signal: NodeJS.Signals };

/** From the arguments of a process's `exit` event. */
export function asExit(status: number | null, signal: NodeJS.Signals | null): Exit {
  return signal === null ? { state: 'exited', status: status ?? 0 } : { state: 'killed', signal };
}
