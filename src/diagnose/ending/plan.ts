/** Which processes must be ended before a port is free: the holders, and whatever would start them again. */
import { type Harmless, shownCommand } from '../../foreign.ts';
import { publisherIn } from '../../observe/publisher.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { asItsUser, shells } from '../origin.ts';
import { isUnnamedDaemon } from '../pm2.ts';
import { type ProcessFacts, type ProcessName, processesOf } from '../process-facts.ts';

export interface EndingPlan {
  /** The order of ending: a watcher comes before what it would start again. */
  readonly victims: readonly Victim[];
  /** Commands that stop a program the way it was started. */
  readonly managers: readonly Manager[];
  readonly refused: readonly Refusal[];
}

export interface Victim extends ProcessName {
  readonly role: 'holder' | 'watcher';
  readonly condition: ProcessFacts['condition'];
  /** Identifies the process, together with the pid; null for a watcher, which is known by its command line and is older than its child. */
  readonly startTicks: number | null;
  /** It was started at this time or before. */
  readonly notAfter: number | null;
}

export interface Manager {
  readonly words: readonly string[];
  readonly shown: Harmless;
  /** Such as `systemd unit nginx.service`. */
  readonly of: string;
}

export interface Refusal extends ProcessName {
  readonly reason: string;
}

/** This process and its ancestors, up to the first process. */
export type Own = Pick<ProcessFacts, 'pid' | 'parents' | 'origins'>;

export function planEnding({ holders }: Diagnosis, own: Own): EndingPlan {
  const managers = new Map<string, Manager>();
  const victims = new Map<number, Victim>();
  const refused: Refusal[] = [];
  for (const process of processesOf(holders.filter(({ meets }) => meets)).values()) {
    const { pid, command, condition, startTicks } = process;
    const reason = refusalOf(process, own);
    const manager = reason === null ? managerOf(process, own) : null;
    if (reason !== null) refused.push({ pid, command, reason });
    else if (manager !== null) managers.set(manager.shown, manager);
    else {
      for (const watcher of watchersOf(process, own))
        victims.set(watcher.pid, watcherAbove(watcher, process));
      victims.delete(pid);
      victims.set(pid, { pid, command, role: 'holder', condition, startTicks, notAfter: startTicks });
    }
  }
  return { victims: [...victims.values()], managers: [...managers.values()], refused };
}

// systemd holds the listener of a socket unit; stopping the unit closes it.
const isSocketUnit = ({ stop }: ProcessFacts['origins'][number]) =>
  stop?.at(-1)?.endsWith('.socket') === true;

/** The victim that must end before the one that it would start again. */
export function watcherAbove(
  { pid, command }: ProcessName,
  { startTicks }: Pick<Victim, 'startTicks'>,
): Victim {
  return { pid, command, role: 'watcher', condition: 'runs', startTicks: null, notAfter: startTicks };
}

function refusalOf({ pid, command, origins }: ProcessFacts, own: Own): string | null {
  if (origins[0] !== undefined && isSocketUnit(origins[0])) return null;
  if (pid === 1) return 'it is the first process: that of the whole system or container';
  if (pid === own.pid) return 'it is this command itself';
  if (own.parents.some((parent) => parent.pid === pid))
    return 'this command runs below it, as below a shell or a terminal: end it yourself if you mean it';
  if (isUnnamedDaemon({ command, origins }))
    return 'it is the daemon of pm2, which has the ports of apps in cluster mode: stop the app, which "pm2 list" shows';
  const publisher = publisherIn(command);
  if (publisher !== null && !origins.some(({ kind, stop }) => kind === 'container' && stop !== null))
    return `it publishes the port of a container: stop that, which "${publisher.program === 'docker-proxy' ? 'docker' : 'podman'} ps" shows`;
  return null;
}

// If this command runs in the same unit, stopping the unit would stop it too, and the terminal.
function managerOf({ origins }: ProcessFacts, own: Own): Manager | null {
  const origin = origins.find(({ stop }) => stop !== null);
  if (origin === undefined || origin.stop === null) return null;
  if (own.origins.some(({ kind, name }) => kind === origin.kind && name === origin.name)) return null;
  const words = asItsUser(origin);
  return { words, shown: shownCommand(words), of: `${origin.kind} ${origin.name}` };
}

/** Programs that start another one again when it ends. */
const watcher =
  /(?:^|[\s/])(?:nodemon|ts-node-dev|node-dev|pm2-runtime|forever|supervisord|watchexec|entr|cargo-watch|air|reflex|runsv|s6-supervise|supervise)(?:\.js)?(?:\s|$)|\s--watch(?:[\s=-]|$)|\btsx (?:\S+ )*watch\b|\s--reload(?:\s|$)/;

/** Ancestors that may start it again, from the outermost in, up to the shell at the root. */
function watchersOf({ command, parents }: ProcessFacts, own: Own): ProcessName[] {
  const found: ProcessName[] = [];
  for (const parent of parents) {
    if (parent.pid === 1 || own.parents.some(({ pid }) => pid === parent.pid)) break;
    // A reloader starts its own command line again. A process that has only forked is spared: it may be a test or a notebook that
    // continues.
    const isReloader = parent.relation === 'exec' && parent.command === command && !shells.test(command);
    if (isReloader || watcher.test(parent.command)) found.unshift(parent);
  }
  return found;
}
