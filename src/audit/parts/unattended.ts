/** Listeners that nobody waits for, before a client waits in their queue. */
import { formatEndpoint } from '../../address.ts';
import { type Step, step } from '../../diagnose/advice/step.ts';
import { restLookMs, restOf } from '../../diagnose/situation/rest.ts';
import { sleep } from '../../time.ts';
import type { AuditedProcess } from '../facts/processes.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { cannotAccept } from './can-accept.ts';
import { culpritsOf, whoHas } from './culprits.ts';
import { keepsThePort } from './keepers.ts';

interface Unattended {
  readonly listener: Socket;
  readonly processes: readonly AuditedProcess[];
  /** What those that run wait for; the same at two looks if nothing wakes them. */
  readonly rest: string;
}

/** Looks twice, if the first look does not show who waits for connections. */
export async function unattendedIn(listeners: readonly Socket[], facts: Facts): Promise<Finding[]> {
  if (facts.place.procNet === undefined) return [];
  const candidates = listeners.flatMap((listener) => candidateOf(listener, facts) ?? []);
  if (candidates.length === 0) return [];
  await sleep(restLookMs, facts.signal);
  return candidates
    .filter((candidate) => restOfAwake(candidate.listener, candidate.processes) === candidate.rest)
    .flatMap((candidate) => findingOf(candidate, facts) ?? []);
}

function candidateOf(listener: Socket, facts: Facts): Unattended | null {
  const processes = facts.holdersOf(listener).flatMap(({ pid }) => facts.process(pid) ?? []);
  const { ownUid } = facts.now.processes;
  // Processes of other users may have it as well, and only root sees those.
  const isSeen = processes.length > 0 && (ownUid === 0 || listener.uid === ownUid);
  if (!isSeen || keepsThePort(listener, facts)) return null;
  const rest = restOfAwake(listener, processes);
  return rest === null ? null : { listener, processes, rest };
}

function restOfAwake({ inode }: Socket, processes: readonly AuditedProcess[]): string | null {
  const awake = processes.filter(({ condition }) => condition !== 'stopped' && condition !== 'in a debugger');
  if (awake.length === 0) return '';
  return awake.every(({ condition }) => condition === 'runs') ? restOf({ inode, processes: awake }) : null;
}

function findingOf({ listener, processes, rest }: Unattended, facts: Facts): Finding | null {
  const how = howOf(listener, processes, rest, facts);
  if (how === null) return null;
  const who = whoHas([listener], facts);
  return {
    severity: how === 'stopped' || how === 'inherited' ? 'wrong' : 'note',
    weight: 54,
    what: `nobody waits for connections to ${formatEndpoint(listener.local)}${how === 'asleep' ? ' now' : ''}`,
    fault: { side: 'this side', processes: culpritsOf([listener], facts), because: becauseOf(how, who) },
    since: null,
    trend: null,
    cost: 'clients would connect, and get no answer',
    steps: stepsFor(how, processes, facts),
    count: 1,
    sockets: [],
    figures: { limit: listener.backlog, length: 0 },
  };
}

/** `inherited`: its program does not know accept(). `asleep`: it waits for something else now. */
type How = 'stopped' | 'in a debugger' | 'inherited' | 'asleep';

function howOf(
  { local }: Socket,
  processes: readonly AuditedProcess[],
  rest: string,
  facts: Facts,
): How | null {
  if (rest === '')
    return processes.some(({ condition }) => condition === 'stopped') ? 'stopped' : 'in a debugger';
  if (processes.every(({ pid }) => cannotAccept(pid))) return 'inherited';
  // A server that serves one connection after the other comes back.
  const serves = facts.now.table.connections.some(
    (socket) => socket.local.port === local.port && socket.inode !== 0 && facts.isServer(socket),
  );
  return serves ? null : 'asleep';
}

function becauseOf(how: How, who: string): string {
  switch (how) {
    case 'stopped':
      return `${who} is stopped (SIGSTOP or Ctrl-Z)`;
    case 'in a debugger':
      return `${who} is stopped by a debugger`;
    case 'inherited':
      return `${who} has inherited the listener, and its program cannot accept()`;
    case 'asleep':
      return `${who} has the listener open, and waits for something else: it has inherited it, or does not accept yet`;
  }
}

function stepsFor(how: How, processes: readonly AuditedProcess[], { shell }: Facts): Step[] {
  const rights = shell.rightsOver(processes.map(({ uid }) => uid));
  const pids = processes.map(({ pid }) => String(pid));
  switch (how) {
    case 'stopped':
      return [step('continue it', shell.command(rights, ['kill', '-CONT', ...pids]))];
    case 'in a debugger':
      return [step('continue it in the debugger')];
    case 'inherited':
    case 'asleep':
      return [
        step(
          'if the server has ended, end what has inherited its listener, and start the server again',
          shell.command(rights, ['kill', ...pids]),
        ),
        step('fix it: set close-on-exec on the listener, or close it in the child'),
      ];
  }
}
