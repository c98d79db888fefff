/** How a process ended: by itself with a status, or by a signal. */
export type Exit =
  | { readonly state: 'exited'; readonly status: number }
  | { readonly state: 'killed'; readonly signal: NodeJS.Signals };
