import * as v from 'valibot';
import type { Ended } from '../../diagnose/ending/ending.ts';
import type { DocumentOf } from './parts.ts';

const describe = v.description;

/** What `tcpclose why --kill` has done. */
export const ended = v.object({
  processes: v.array(
    v.object({
      pid: v.number(),
      command: v.string(),
      role: v.pipe(v.picklist(['holder', 'watcher']), describe('watcher: it would start the holder again')),
      result: v.pipe(
        v.picklist(['ended', 'gone', 'still there', 'not permitted']),
        describe('gone: it had ended before it was signalled'),
      ),
    }),
  ),
  commands: v.pipe(
    v.array(
      v.object({
        command: v.string(),
        of: v.pipe(v.string(), describe('what it stops, such as a systemd unit')),
        failure: v.nullable(v.string()),
      }),
    ),
    describe('commands that were run to stop a program where it was started'),
  ),
  refused: v.pipe(
    v.array(v.object({ pid: v.number(), command: v.string(), reason: v.string() })),
    describe('processes that are never ended'),
  ),
  boundAfterMs: v.pipe(v.nullable(v.number()), describe('until a bind succeeded; null if none did in time')),
});

export function endedDocument({ commands, ...rest }: Ended): DocumentOf<typeof ended> {
  return { ...rest, commands: commands.map(({ shown, of, failure }) => ({ command: shown, of, failure })) };
}
