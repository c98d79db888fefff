import type { Ended } from '../lab/ends/peer.ts';

/** How a process ended, in a word: `SIGKILL`, `status 3`, or `not ended`. */
export function howEnded(ended: Ended): string {
  if (ended.state === 'killed') return ended.signal;
  return ended.state === 'exited' ? `status ${ended.status}` : ended.state;
}
