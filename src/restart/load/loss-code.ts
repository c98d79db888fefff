/** The reasons for lost requests, by name. */
export const lossCodes = [
  'no-handler',
  'killed',
  'exits-at-once',
  'drain-too-short',
  'drain-too-long',
  'stops-listening-before-drain',
  'accept-queue-dropped',
  'no-connection-close',
  'cuts-keep-alive',
  'cuts-requests',
  'not-answered',
  'answers-with-errors',
  'second-start-loses',
  'slow-start',
  'outage',
] as const;
export type LossCode = (typeof lossCodes)[number];

/** Losses that only a handover of the listener avoids, but not a better shutdown. */
export const ofHandover: ReadonlySet<LossCode> = new Set(['outage', 'slow-start']);
