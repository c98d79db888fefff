/** What commands that start the user's server have in common. */
import type { WaitingEvent } from '../api/waiting.ts';

export function withCountdown({ what, leftMs }: WaitingEvent): string {
  const seconds = Math.ceil((leftMs ?? 0) / 1000);
  return seconds === 0 ? what : `${what}: ${seconds} s left`;
}

const keptLines = 20;

export function lastLines(output: string): string {
  return output.trim() === '' ? '' : `${output.trimEnd().split('\n').slice(-keptLines).join('\n')}\n`;
}
