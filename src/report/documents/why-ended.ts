import * as v from 'valibot';
import type { Ended } from '../../diagnose/ending/ending.ts';
import type { EndingPlan } from '../../diagnose/ending/plan.ts';
import type { DocumentOf } from './parts.ts';

const describe = v.description;

const asked = {
  pid: v.number(),
  command: v.string(),
  role: v.pipe(v.picklist(['holder', 'watcher']), describe('watcher: it would start the holder again')),
};

const run = {
  command: v.string(),
  of: v.pipe(v.string(), describe('what it stops, such as a systemd unit')),
};

const refused = v.pipe(
  v.array(v.object({ pid: v.number(), command: v.string(), reason: v.string() })),
  describe('processes that are never ended'),
);

/** What `tcpclose why --kill` did. */
export const ended = v.object({
  processes: v.array(
    v.object({
      ...asked,
      result: v.pipe(
        v.picklist(['ended', 'gone', 'still there', 'not permitted']),
        describe('gone: it had ended before it was signalled'),
      ),
    }),
  ),
  commands: v.pipe(
    v.array(v.object({ ...run, failure: v.nullable(v.string()) })),
    describe('commands that were run to stop a program where it was started'),
  ),
  refused,
  boundAfterMs: v.pipe(v.nullable(v.number()), describe('until a bind succeeded; null if none did in time')),
  watchedMs: v.pipe(
    v.optional(v.nullable(v.number())),
    describe('how long it was then watched whether the port is taken again; null if it was not'),
  ),
  starters: v.pipe(
    v.optional(v.array(v.object({ pid: v.number(), command: v.string() }))),
    describe('processes that had started a holder, still ran then, and may start it again later'),
  ),
});

export function endedDocument({ commands, afterwards, ...rest }: Ended): DocumentOf<typeof ended> {
  return {
    ...rest,
    commands: commands.map(({ shown, of, failure }) => ({ command: shown, of, failure })),
    watchedMs: afterwards?.lookedMs ?? null,
    starters: afterwards?.starters ?? [],
  };
}

/** What it would do, as shown before `--kill` asks. */
export const endingPlan = v.object({
  processes: v.pipe(v.array(v.object(asked)), describe('in this order: a watcher before its child')),
  commands: v.array(v.object(run)),
  refused,
});

export type EndingPlanDocument = DocumentOf<typeof endingPlan>;

export function planDocument({ victims, managers, refused }: EndingPlan): EndingPlanDocument {
  return {
    processes: victims.map(({ pid, command, role }) => ({ pid, command, role })),
    commands: managers.map(({ shown, of }) => ({ command: shown, of })),
    refused: refused.map(({ pid, command, reason }) => ({ pid, command, reason })),
  };
}
