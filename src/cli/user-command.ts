/** What commands that start the user's server have in common. */
import type { WaitingEvent } from '../api/waiting.ts';
import type { Progress } from '../report/progress.ts';

export function sayWaiting(progress: Progress, { what, leftMs }: WaitingEvent): void {
  progress.say(what, leftMs === null ? { type: 'none' } : { type: 'left', ms: leftMs });
}

const keptLines = 20;

export function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}
