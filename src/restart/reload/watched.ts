import { type SignalDisposition, signalDisposition } from '../../observe/proc/status.ts';
import { descendantsOf, type Process } from '../../observe/processes.ts';
import type { RoundContext, RoundOptions } from '../context.ts';
import { languageOfListener } from '../load/language.ts';
import type { UserServer } from '../server.ts';
import type { Observation } from '../trial.ts';
import { ListenersWatch } from './look.ts';
import { isNew, type Listeners, listenerChange, type ReloadSeen } from './reload.ts';

/** A server that is about to reload, or to hand its port over. */
interface WatchedServer {
  /** The process that gets the signal. */
  readonly pid: number;
  readonly disposition: SignalDisposition | null;
  readonly watch: ListenersWatch;
}

/** @param processes those of the server (default: all that were started) */
export async function watchServer(
  context: RoundContext,
  server: UserServer,
  processes?: () => readonly Process[],
): Promise<WatchedServer> {
  const supervisorPid = await context.supervisor.pid;
  server.refuseBackground();
  const pid = server.mainPid(supervisorPid);
  return {
    pid,
    disposition: signalDisposition(pid) ?? null,
    watch: new ListenersWatch(context, server.target, processes ?? (() => descendantsOf(supervisorPid))),
  };
}

/** Which processes listened before and after, and which are new. */
export function changeOf(
  before: Listeners,
  after: Listeners,
): Pick<ReloadSeen, 'before' | 'after' | 'listener' | 'added'> {
  return {
    ...{ before, after, listener: listenerChange(before, after) },
    added: after.processes.filter((one) => isNew(one, before)).map(({ pid }) => pid),
  };
}

/** The facts of an observation that a reload and a handover have in common. */
export function commonFacts(
  context: RoundContext,
  options: RoundOptions,
  server: UserServer,
  { pid, disposition }: WatchedServer,
  before: Listeners,
  signal: NodeJS.Signals,
): Observation {
  return server.observation(context, options, {
    ...{ signal, disposition },
    language: languageOfListener(server.target),
    toldProcess: before.processes.some((one) => one.pid === pid) ? 'listened' : 'did not listen',
  });
}
