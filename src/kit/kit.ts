/** The package entry `tcpclose/kit`: helpers for scenarios. */
export type { ConnectionSegment } from '../observe/packets/connections.ts';
export { inFigure } from '../observe/packets/figure.ts';
export type { RecordedConnection } from '../observe/packets/recording.ts';
export { has, type Segment } from '../observe/packets/segment.ts';
export {
  answersOf,
  bindAfter,
  isJust,
  lastAnswer,
  lastChurn,
  lastRead,
  lastReceived,
  lateInChurn,
  moreDescriptors,
  sha256,
  sumOfAnswers,
} from './answers.ts';
export { behindZeroWindow } from './buffers.ts';
export { howEnded } from './ended.ts';
export {
  approach,
  type Ending,
  fitsNow,
  type Reincarnation,
  type ReincarnationOptions,
  reincarnate,
  type StraySegment,
  widenWindows,
  withoutProtection,
} from './incarnations.ts';
export {
  type AnsweredFin,
  endingOf,
  finsAndAnswers,
  flagsOf,
  gapsOfRepeats,
} from './segments.ts';
export { keepTimeWaits, limitClientPorts } from './settings.ts';
export { timeWaitsCount } from './time-waits.ts';
