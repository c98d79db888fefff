import { type Harmless, harmless } from '../foreign.ts';
import { nameOf } from './advice/stop.ts';
import type { Diagnosis } from './diagnosis.ts';

const shown = 3;

/** Who holds the port, in half a sentence: `a listener, pid 4242 (node server.js)`; null if nothing does. */
export function holderSummary({ verdict, holders }: Diagnosis): Harmless | null {
  if (verdict !== 'held') return null;
  const [first] = holders.filter(({ meets }) => meets);
  if (first === undefined) return harmless('a socket that is not visible');
  const { kind, state, count, owner, user, processes } = first;
  const what = kind === 'listener' ? 'a listener' : count === 1 ? state : `${state} x${count}`;
  if (owner === 'none') return harmless(`${what}, no process`);
  if (owner === 'unseen')
    return harmless(`${what}, a process${user === null ? '' : ` of user ${user}`} that you may not inspect`);
  const more = processes.length > shown ? ` and ${processes.length - shown} more` : '';
  return harmless(`${what}, ${processes.slice(0, shown).map(nameOf).join(', ')}${more}`);
}
