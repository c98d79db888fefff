/** Apps of pm2: its daemon starts them again, and in cluster mode the daemon itself holds their ports. */
import { type Harmless, harmless } from '../foreign.ts';
import type { Place } from '../observe/place.ts';
import { childrenOf } from '../observe/processes.ts';
import { textOf } from '../proc-files.ts';
import type { Origin } from './origin.ts';
import type { ProcessFacts } from './process-facts.ts';
import { variable } from './process-files.ts';

/** Whether it is the daemon: stopping it would stop all its apps. */
export function isDaemonOfPm2(command: string): boolean {
  return /^PM2 v\S+: God Daemon/.test(command);
}

/** Whether it is the daemon, and the app that has the port is not known. */
export function isUnnamedDaemon({ command, origins }: Pick<ProcessFacts, 'command' | 'origins'>): boolean {
  return isDaemonOfPm2(command) && origins[0]?.kind !== 'pm2 app';
}

/** Stops these apps and no others: a name may also be that of a namespace, or "all". */
export function pm2Origin(
  name: Harmless,
  ids: readonly string[],
  environ: string,
  uid: number | null,
): Origin {
  const [home, folder] = [variable(environ, 'PM2_HOME'), variable(environ, 'HOME')];
  const elsewhere = home === undefined || home === `${folder}/.pm2` ? [] : ['env', `PM2_HOME=${home}`];
  return {
    kind: 'pm2 app',
    name,
    stop: [...elsewhere, 'pm2', 'stop', ...ids],
    ...(uid === null || uid === 0 ? {} : { of: uid }),
  };
}

/** The same process. For a daemon of pm2, it includes the app that has the port, if only one app runs in cluster mode. */
export function withApp(facts: ProcessFacts, place: Place): ProcessFacts {
  if (!isDaemonOfPm2(facts.command) || place.procNet === undefined) return facts;
  const environs = childrenOf(facts.pid).map(({ pid }) => textOf(`/proc/${pid}/environ`));
  const workers = environs.flatMap((environ) => workerIn(environ));
  const [name, another] = new Set(workers.map((worker) => worker.name));
  if (name === undefined || another !== undefined) return facts;
  const [environ = ''] = environs;
  const ids = workers.map(({ id }) => String(id));
  return { ...facts, origins: [pm2Origin(harmless(name), ids, environ, facts.uid), ...facts.origins] };
}

/** The worker of a cluster that an environment describes: pm2 puts that into one variable. */
function workerIn(environ: string): { name: string; id: number }[] {
  try {
    const told = JSON.parse(variable(environ, 'pm2_env') ?? '') as Record<string, unknown> | null;
    const { name, pm_id: id, exec_mode: mode } = told ?? {};
    const isWorker = mode === 'cluster_mode' && typeof name === 'string' && Number.isSafeInteger(id);
    return isWorker ? [{ name, id: Number(id) }] : [];
  } catch {
    return [];
  }
}
