import { countBy } from '../group.ts';
import { formatSpan } from '../time.ts';
import type { Row } from './row.ts';

export const noSocket = 'no socket';

/** `FIN_WAIT2, no process, 59 s left`; equal rows are counted. */
export function describeRows(rows: readonly Row[]): string {
  const counts = countBy(rows, describeRow);
  if (counts.size === 0) return noSocket;
  return [...counts].map(([text, count]) => times(count, text)).join('; ');
}

export function describeRow({ state, processes, timer }: Row): string {
  const holders = processes.map(({ pid, name }) => `pid ${pid} ${name}`);
  const clock = timer === null ? [] : [describeTimer(timer)];
  return [state, ...(holders.length === 0 ? ['no process'] : holders), ...clock].join(', ');
}

// For TIME_WAIT the time left matters most; other timers are shown by name.
function describeTimer({ kind, leftMs, retransmits }: NonNullable<Row['timer']>): string {
  if (kind === 'timewait') return `${formatSpan(leftMs)} left`;
  const again = retransmits === 0 ? '' : `, retransmitted ${retransmits} times`;
  return `timer ${kind} ${formatSpan(leftMs)}${again}`;
}

/** `3 x TIME_WAIT`; without a count for a single one. */
export function times(count: number, text: string): string {
  return count === 1 ? text : `${count} x ${text}`;
}
