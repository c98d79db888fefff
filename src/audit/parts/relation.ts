import type { AuditedProcess } from '../facts/processes.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';

/** `same`: one program with its children; `copies`: the same program, started separately; `different`; `unseen`: a process is hidden. */
export type Relation = 'same' | 'copies' | 'different' | 'unseen';

/** How the programs of two listeners are related. */
export function relationOf(one: Socket, other: Socket, facts: Facts): Relation {
  const [left, right] = [facts.processesOf(one), facts.processesOf(other)];
  if (left.length === 0 || right.length === 0) return 'unseen';
  const related = left.some((a) => right.some((b) => areRelated(a, b)));
  if (related) return 'same';
  const names = new Set(left.map(({ name }) => name));
  if (!right.some(({ name }) => names.has(name))) return 'different';
  // An interpreter may run two programs, whose command lines differ.
  const commands = new Set(left.map(({ command }) => command));
  return right.some(({ command }) => commands.has(command)) || !left.some(isInterpreter)
    ? 'copies'
    : 'different';
}

/** Whether two processes are the same, parent and child, or workers of one parent with the same command or of their own program. */
function areRelated(a: AuditedProcess, b: AuditedProcess): boolean {
  if (a.pid === b.pid) return true;
  const above = (process: AuditedProcess) => process.parents.map(({ pid }) => pid);
  if (above(a).includes(b.pid) || above(b).includes(a.pid)) return true;
  const [parent] = above(a);
  if (parent === undefined || parent !== above(b)[0] || parent === 1) return false;
  // docker-proxy has a command line for each address. Different command lines of an interpreter may be two programs.
  return a.command === b.command || (a.name === b.name && !isInterpreter(a));
}

function isInterpreter({ name }: AuditedProcess): boolean {
  return /^(?:node|python|ruby|perl|java|php|deno|bun|MainThread)/.test(name);
}
