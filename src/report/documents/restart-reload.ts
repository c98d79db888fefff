import * as v from 'valibot';
import type { Listening, ReloadSeen } from '../../restart/reload/reload.ts';
import type { DocumentOf } from './parts.ts';

const describe = v.description;
const ending = v.object({ status: v.nullable(v.number()), signal: v.nullable(v.string()) });
const listening = {
  pid: v.number(),
  name: v.string(),
  command: v.string(),
  startedMs: v.pipe(v.nullable(v.number()), describe('since the signal; negative if it was started before')),
  connections: v.pipe(v.number(), describe('that it had with clients at that moment')),
};

/** What a reload changed. */
export const reload = v.object({
  signal: v.pipe(v.nullable(v.string()), describe('null for a command')),
  command: v.nullable(v.string()),
  commandEnded: v.pipe(v.nullable(ending), describe('null if it still ran, as a new server does')),
  lastChangeMs: v.pipe(
    v.nullable(v.number()),
    describe('from the signal to the last change of who listens; null if nothing changed'),
  ),
  listenedBefore: v.array(v.object(listening)),
  listensAfter: v.array(
    v.object({ ...listening, new: v.pipe(v.boolean(), describe('whether it did not listen before')) }),
  ),
  listener: v.pipe(
    v.picklist(['stayed', 'joined', 'replaced', 'gone']),
    describe('by its inode. stayed: the same sockets; joined: others beside them; replaced: only others'),
  ),
  mainEnded: v.pipe(v.nullable(ending), describe('how the process that was started first ended')),
  handover: v.pipe(
    v.nullable(
      v.object({
        by: v.pipe(
          v.optional(v.nullable(v.string())),
          describe('the signal that makes the server start its successor itself; null if tcpclose starts it'),
        ),
        listener: v.pipe(
          v.optional(v.picklist(['passed', 'its own'])),
          describe('whether the second start got the listener of the first'),
        ),
        signal: v.string(),
        listensMs: v.pipe(
          v.nullable(v.number()),
          describe('since the second start; null if it never listened'),
        ),
        toldMs: v.pipe(v.nullable(v.number()), describe('when the first start got the signal')),
        stoppedMs: v.pipe(v.nullable(v.number()), describe('when the first start had ended')),
      }),
    ),
    describe('the times of a second start beside the first; null for a reload'),
  ),
  answer: v.pipe(v.string(), describe('what became of a request on a new connection after the reload')),
  output: v.pipe(v.string(), describe('the end of what the command printed, or else the server')),
});

export type ReloadDocument = DocumentOf<typeof reload>;

export function reloadOf(seen: ReloadSeen): ReloadDocument {
  const { by, before, after, added, listener, lastChangeMs, commandEnded, mainEnded, answer, output } = seen;
  return {
    signal: by.kind === 'signal' ? by.signal : null,
    command: by.kind === 'command' ? by.command : null,
    commandEnded,
    lastChangeMs: lastChangeMs === null ? null : Math.round(lastChangeMs),
    listenedBefore: before.processes.map(listeningOf),
    listensAfter: after.processes.map((one) => ({ ...listeningOf(one), new: added.includes(one.pid) })),
    listener,
    handover: handoverOf(seen),
    mainEnded,
    answer: answer.status === null ? answer.class : `${answer.class}, status ${answer.status}`,
    output,
  };
}

function handoverOf({ by, handover }: ReloadSeen): ReloadDocument['handover'] {
  if (by.kind !== 'handover' || handover === undefined) return null;
  const round = (ms: number | null) => (ms === null ? null : Math.round(ms));
  const { listener, listensMs, toldMs, stoppedMs } = handover;
  return {
    ...{ by: by.by ?? null, listener },
    ...{ signal: by.signal, listensMs: round(listensMs) },
    ...{ toldMs: round(toldMs), stoppedMs: round(stoppedMs) },
  };
}

function listeningOf({ pid, name, command, startedMs, connections }: Listening) {
  return { pid, name, command, startedMs, connections };
}
