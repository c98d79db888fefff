/** What commands that start the user's server have in common. */
import type { WaitingEvent } from '../api/waiting.ts';
import { type Clock, clockOf, type Progress } from '../report/progress.ts';

/** Shows how long all rounds will still take once that can be estimated, and until then how long this wait lasts. */
export function sayWaiting(progress: Progress, { what, leftMs, atMostMs, round }: WaitingEvent): void {
  const clock: Clock = atMostMs === null ? clockOf(leftMs) : { type: 'at most', ms: atMostMs };
  if (round === null) {
    progress.say(what, clock);
    return;
  }
  const all: Clock = round.leftMs === null ? clock : { type: 'about', ms: round.leftMs };
  progress.say(`round ${round.number} of ${round.of}: ${what}`, all);
}

const keptLines = 20;

export function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}
