import * as v from 'valibot';
import { shownCommand } from '../../foreign.ts';
import type { RunResult } from '../../run/run.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';

const describe = v.description;

const holder = v.object({
  pid: v.number(),
  command: v.string(),
  relation: v.pipe(
    v.picklist(['same process', 'this run', 'outside']),
    describe('to the call: this run is what the command has started'),
  ),
  states: v.array(v.string()),
  boundMsBefore: v.pipe(
    v.nullable(v.number()),
    describe('how long before the failure its socket was bound; null if that was not seen'),
  ),
});

const failure = v.object({
  call: v.picklist(['bind', 'listen']),
  pid: v.number(),
  command: v.string(),
  protocol: v.picklist(['TCP', 'UDP', 'Unix', 'other']),
  address: v.nullable(v.string()),
  port: v.nullable(v.number()),
  path: v.pipe(v.nullable(v.string()), describe('of a Unix socket')),
  result: v.pipe(v.string(), describe('the errno; failed if the socket showed only that it was not bound')),
  reuseAddress: v.pipe(v.nullable(v.boolean()), describe('SO_REUSEADDR at that moment')),
  kind: v.pipe(
    v.picklist([
      'same process',
      'earlier start',
      'this run',
      'outside',
      'outgoing connection',
      'leftover',
      'file exists',
      'refused',
      'unknown',
    ]),
    describe('what was in the way; refused: not the port, but the address, the user or the socket'),
  ),
  holders: v.array(holder),
  leftovers: v.pipe(v.array(v.string()), describe('the states of the sockets on the port without a process')),
  asked: v.pipe(
    v.nullable(
      v.object({
        pid: v.number(),
        msBefore: v.number(),
        port: v.pipe(
          v.optional(v.picklist(['seen', 'not seen'])),
          describe(
            'whether this was the port; "not seen": its socket was closed before it could be looked at',
          ),
        ),
      }),
    ),
    describe('who had got the port by port 0, and closed it again; null if no process was seen to'),
  ),
  seen: v.pipe(v.picklist(['while it waited', 'right after it']), describe('when the holders were read')),
  text: v.string(),
  remedy: v.string(),
  atMs: v.pipe(v.number(), describe('milliseconds since the command was started')),
  times: v.pipe(v.number(), describe('how many times the same process failed there in the same way')),
});

/** What `tcpclose run --json` prints. */
export const runCommandDocument = v.object({
  schemaVersion,
  type: v.literal('command'),
  command: v.string(),
  status: v.pipe(v.nullable(v.number()), describe('of the command; null if a signal ended it')),
  signal: v.nullable(v.string()),
  left: v.pipe(v.number(), describe('how many processes the command left running')),
  watching: v.variant('state', [
    v.object({ state: v.literal('on') }),
    v.object({ state: v.literal('off'), reason: v.string() }),
    v.pipe(
      v.object({ state: v.literal('Node only'), reason: v.string() }),
      describe('programs of Node report their failed binds; no others are seen'),
    ),
  ]),
  disturbed: v.pipe(
    v.array(v.string()),
    describe('programs that ran without the privileges that they would have had'),
  ),
  failures: v.array(failure),
  durationMs: v.number(),
});

export type RunCommandDocument = DocumentOf<typeof runCommandDocument>;

export function runCommandDocumentOf(words: readonly string[], result: RunResult): RunCommandDocument {
  const { status, signal, left, watching, disturbed, failures, durationMs } = result;
  const command = shownCommand(words);
  return {
    ...{ schemaVersion: 1, type: 'command' },
    ...{ command, status, signal, left, watching, disturbed, failures, durationMs },
  };
}
