import * as v from 'valibot';
import type { Shell } from '../../diagnose/advice/shell.ts';
import { unixAdvice } from '../../diagnose/advice/unix.ts';
import { meaningOfUnix } from '../../diagnose/meaning-of-unix.ts';
import type { UnixDiagnosis, UnixHolder } from '../../diagnose/unix/unix-diagnosis.ts';
import { type DocumentOf, schemaVersion } from './parts.ts';
import {
  advice,
  adviceOf,
  languageOfFirst,
  process,
  processDocument,
  stepDocuments,
  steps,
} from './why-parts.ts';

const describe = v.description;

const holder = v.object({
  state: v.pipe(v.picklist(['LISTEN', 'other']), describe('other: bound, such as a datagram socket')),
  waiting: v.pipe(v.number(), describe('connections that wait to be accepted')),
  limit: v.pipe(v.number(), describe('how many may')),
  connections: v.number(),
  processes: v.pipe(v.array(process), describe('empty if they are not visible')),
  user: v.nullable(v.string()),
});

/** What `tcpclose why --json` prints about a Unix socket. */
export const unixDocument = v.object({
  schemaVersion,
  type: v.literal('socket'),
  name: v.string(),
  kind: v.picklist(['path', 'abstract']),
  verdict: v.pipe(
    v.picklist(['held', 'free', 'stale', 'another file', 'unknown', 'forbidden']),
    describe(
      'stale: the file exists, but no process has it; unknown: this user may not find out; forbidden: nothing is there, and bind fails',
    ),
  ),
  holders: v.array(holder),
  lost: v.pipe(v.array(holder), describe('listeners whose file was removed from the path')),
  connect: v.pipe(v.nullable(v.string()), describe('ok, or errno; null if it was not tried')),
  bind: v.pipe(
    v.nullable(v.string()),
    describe(
      'of an abstract name: ok, or errno; of a path: the errno that its folder makes certain; else null',
    ),
  ),
  meaning: v.string(),
  language: v.pipe(v.nullable(v.string()), describe('of the holder, from its command line')),
  steps,
  advice,
});

export type UnixDocument = DocumentOf<typeof unixDocument>;

export function unixDocumentOf(diagnosis: UnixDiagnosis, shell: Shell): UnixDocument {
  const { name, kind, verdict, holders, lost, connect, bind } = diagnosis;
  const todo = unixAdvice(diagnosis, shell);
  return {
    schemaVersion: 1,
    type: 'socket',
    ...{ name, kind, verdict, connect, bind },
    holders: holders.map(holderDocument),
    lost: lost.map(holderDocument),
    meaning: meaningOfUnix(diagnosis),
    language: languageOfFirst(holders.flatMap(({ processes }) => processes)),
    steps: stepDocuments(todo),
    advice: adviceOf(todo),
  };
}

function holderDocument({ processes, ...holder }: UnixHolder): UnixDocument['holders'][number] {
  return { ...holder, processes: processes.map(processDocument) };
}
