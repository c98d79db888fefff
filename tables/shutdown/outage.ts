/** Requests that were lost because nobody listened: a better shutdown cannot avoid that. */
export function isOutage(cause: string): boolean {
  return cause === 'outage' || cause === 'slow-start';
}
