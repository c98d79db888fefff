/** The progress of a load of many connections, in words. */
import type { LoadSample } from '../events.ts';

/** `52,300 of 100,000 connections, 12 failed, 11,020 a second, 28,000 in TIME_WAIT`; failures only if there are some. */
export function describeLoad({ done, of, outcomes, perSecond, timeWaits }: LoadSample): string {
  const failed = done - (outcomes['ok'] ?? 0);
  return [
    `${counted(done)} of ${counted(of)} connections`,
    ...(failed > 0 ? [`${counted(failed)} failed`] : []),
    `${counted(Math.round(perSecond))} a second`,
    `${counted(timeWaits)} in TIME_WAIT`,
  ].join(', ');
}

/** `52,300 of 100,000 connections: ok 52,288, connect ETIME 12`. */
export function describeOutcomes({ done, of, outcomes }: LoadSample): string {
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${counted(count)}`);
  return `${counted(done)} of ${counted(of)} connections: ${counts.join(', ') || 'none has ended'}`;
}

function counted(count: number): string {
  return count.toLocaleString('en');
}
