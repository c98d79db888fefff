import * as v from 'valibot';
import type { ReloadSeen } from '../../restart/reload/reload.ts';
import { type DocumentOf, rounded } from './parts.ts';
import { ending } from './restart-evidence.ts';

const describe = v.description;
const listening = v.object({
  pid: v.number(),
  name: v.string(),
  command: v.string(),
  startedMs: v.pipe(v.nullable(v.number()), describe('since the signal; negative if it was started before')),
  connections: v.pipe(v.number(), describe('that it had with clients at that moment')),
});

/** What a reload changed. */
export const reload = v.object({
  signal: v.pipe(v.nullable(v.string()), describe('null for a command')),
  command: v.nullable(v.string()),
  commandEnded: v.pipe(v.nullable(ending), describe('null if it still ran, as a new server does')),
  lastChangeMs: v.pipe(
    v.nullable(v.number()),
    describe('from the signal to the last change of who listens; null if nothing changed'),
  ),
  listenedBefore: v.array(listening),
  listensAfter: v.array(
    v.object({
      ...listening.entries,
      new: v.pipe(v.boolean(), describe('whether it did not listen before')),
    }),
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
    lastChangeMs: rounded(lastChangeMs),
    listenedBefore: before.processes,
    listensAfter: after.processes.map((one) => ({ ...one, new: added.includes(one.pid) })),
    listener,
    handover: handoverOf(seen),
    mainEnded,
    answer: answer.status === null ? answer.class : `${answer.class}, status ${answer.status}`,
    output,
  };
}

function handoverOf({ by, handover }: ReloadSeen): ReloadDocument['handover'] {
  if (by.kind !== 'handover' || handover === undefined) return null;
  const { listener, listensMs, toldMs, stoppedMs } = handover;
  return {
    ...{ by: by.by ?? null, listener, signal: by.signal },
    ...{ listensMs: rounded(listensMs), toldMs: rounded(toldMs), stoppedMs: rounded(stoppedMs) },
  };
}
