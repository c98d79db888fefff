import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { accountOf } from '../account.ts';
import { circumstances } from '../machine.ts';
import { idle, restart } from '../tcpclose.ts';
import type { Room, ServerKind } from './kinds/kind.ts';
import type { IdleFacts, ListenerFacts, LoadRun, WayOfRestart } from './result.ts';

const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const usualLoad = 'new=50/s,pooled=10,idle=5';
export const stopTimeoutMs = 12_000;
const usual = { timeout: '90s', stopTimeout: stopTimeoutMs } as const;
const longestIdle = '130s';

/** SIGTERM and SIGKILL, with clients that stay and that close. */
export async function fourWays(
  kind: ServerKind,
  room: Room,
): Promise<{ readonly ways: readonly WayOfRestart[]; readonly listener: ListenerFacts | null }> {
  const options = { ...usual, port: room.port, all: true, request: kind.request ?? get, cwd: room.folder };
  const { runs } = await restart(kind.command(room), options);
  return {
    ways: runs.map(({ signal, clients, verdict, cause }) => ({ signal, clients, verdict, cause })),
    listener: listenerOf(runs, room.port),
  };
}

function listenerOf(runs: RestartDocument['runs'], port: number): ListenerFacts | null {
  const [run] = runs;
  if (run === undefined) return null;
  const bind = run.calls.findLast((one) => one.call === 'bind' && one.port === port && one.result === 'ok');
  return {
    atBind: bind?.reuseAddress ?? null,
    atListener: run.listenerOptions.reuseAddress,
    reusePort: run.listenerOptions.reusePort,
  };
}

/** A restart under load, by that signal. */
export async function underLoad(kind: ServerKind, room: Room, signal: string): Promise<LoadRun> {
  const begun = { ...circumstances(), signal };
  const { request, answer, slowPath } = kind;
  const load = `${kind.load ?? usualLoad}${slowPath === undefined ? '' : ',slow=5'}`;
  try {
    const { runs } = await restart(kind.command(room), {
      ...usual,
      ...{ port: room.port, load, signal, cwd: room.folder },
      ...(slowPath === undefined ? {} : { slowPath }),
      ...(request === undefined ? {} : { request, answer }),
    });
    return { ...begun, ...accountOf(runs[0]) };
  } catch (error) {
    return { ...begun, state: 'not measured', why: firstLine(error) };
  }
}

/** Four connections that are left alone. */
export async function whenIdle(kind: ServerKind, room: Room): Promise<IdleFacts> {
  const begun = circumstances();
  try {
    const {
      probes,
      idle: found,
      keepAlive,
    } = await idle(kind.command(room), {
      ...{ port: room.port, for: longestIdle, timeout: '90s' },
      ...(kind.request === undefined ? {} : { request: kind.request }),
    });
    const before = probes.find(({ requests }) => requests === 0);
    const after = probes.find(({ requests, result }) => requests > 0 && result === 'closed');
    return {
      ...begun,
      ...{ state: 'measured', is: found.state, ms: found.ms, by: after?.by ?? null },
      beforeRequestMs: before?.result === 'closed' ? before.idleMs : null,
      saysS: keepAlive?.timeoutS ?? null,
      keeps: keepAlive?.keeps ?? null,
    };
  } catch (error) {
    return { ...begun, state: 'not measured', why: firstLine(error) };
  }
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
