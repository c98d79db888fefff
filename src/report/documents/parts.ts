/** The parts of --json documents. The schemas in the package are generated from these. */
import * as v from 'valibot';
import type { Check, Environment, LoadSample } from '../../events.ts';
import type { Snapshot } from '../../observe/observer.ts';
import { observerNames } from '../../observe/observers.ts';
import { type Row, timerKinds } from '../../observe/row.ts';
import { states } from '../../state.ts';

const describe = v.description;

export const schemaVersion = v.literal(1);

/** A document of that schema. It is assembled from other objects, and never changed. */
export type DocumentOf<Schema extends v.GenericSchema> = DeepReadonly<v.InferOutput<Schema>>;

type DeepReadonly<Value> = Value extends object
  ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
  : Value;

export const endpoint = v.object({ address: v.string(), port: v.number() });
export const process = v.object({ pid: v.number(), name: v.string() });

const endpointOrAny = v.object({
  address: v.string(),
  port: v.pipe(v.number(), describe('0 stands for any')),
});

const hostEnvironment = {
  kernel: v.pipe(v.string(), describe('uname -r')),
  arch: v.string(),
  node: v.string(),
  observer: v.pipe(v.string(), describe(observerNames.join(', '))),
  observerVersion: v.nullable(v.string()),
  user: v.pipe(v.number(), describe('the effective user id')),
};

export const environment = v.object({
  ...hostEnvironment,
  hosts: v.pipe(
    v.optional(
      v.array(
        v.object({
          role: v.picklist(['server', 'client']),
          name: v.pipe(v.string(), describe('its launcher')),
          ...hostEnvironment,
        }),
      ),
    ),
    describe('behind launchers, each host by itself; the other fields are those of the server'),
  ),
}) satisfies v.GenericSchema<Environment>;

export const machine = v.object({
  host: v.string(),
  kernel: v.pipe(v.string(), describe('uname -r')),
  settings: v.pipe(
    v.record(v.string(), v.string()),
    describe('those that decide how connections end, if this kernel has them'),
  ),
});

export const row = v.object({
  family: v.picklist(['IPv4', 'IPv6']),
  state: v.picklist(states),
  local: endpointOrAny,
  remote: endpointOrAny,
  receiveQueue: v.number(),
  sendQueue: v.number(),
  timer: v.nullable(v.object({ kind: v.picklist(timerKinds), leftMs: v.number(), retransmits: v.number() })),
  processes: v.array(process),
  uid: v.nullable(v.number()),
  inode: v.nullable(v.number()),
});

export const atMs = v.pipe(v.number(), describe('milliseconds since the run began'));

/** In milliseconds since the run began, to the microsecond. */
export function sinceStart(at: number, startedAt: number): number {
  return Math.round((at - startedAt) * 1000) / 1000;
}

export function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

export const snapshot = v.object({
  host: v.string(),
  observer: v.string(),
  command: v.string(),
  atMs: v.pipe(v.number(), describe('when the kernel was asked, in milliseconds since the run began')),
  answeredAtMs: v.pipe(
    v.optional(v.number()),
    describe('when the answer was complete: the sockets were so at some time between the two'),
  ),
  rows: v.array(row),
  unread: v.array(v.object({ line: v.string(), reason: v.string() })),
  raw: v.string(),
});

export const check = v.object({
  title: v.string(),
  expected: v.string(),
  observed: v.string(),
  verdict: v.picklist(['as expected', 'contradicted']),
  note: v.nullable(v.string()),
  claims: v.pipe(
    v.array(
      v.object({
        claim: v.string(),
        finding: v.picklist(['holds', 'refuted', 'does not apply', 'not decided']),
        under: v.nullable(v.string()),
      }),
    ),
    describe('what the check says of the claims of the ledger'),
  ),
  raw: v.pipe(v.nullable(v.string()), describe('what was read, word for word')),
  location: v.pipe(
    v.nullable(v.object({ file: v.string(), line: v.number() })),
    describe('the line of the scenario that expects it; null if it is not known'),
  ),
});

export const loadSample = v.object({
  atMs: v.number(),
  done: v.number(),
  of: v.number(),
  outcomes: v.pipe(
    v.record(v.string(), v.number()),
    describe('how many ended in which way so far: "ok", or the call that failed with its errno'),
  ),
  perSecond: v.number(),
  timeWaits: v.number(),
}) satisfies v.GenericSchema<LoadSample>;

export const movedCounters = v.object({
  host: v.string(),
  scope: v.pipe(
    v.picklist(['this run', 'the whole machine']),
    describe('the scope of the counter: only of the run if the run had its own network'),
  ),
  moved: v.array(
    v.object({
      name: v.pipe(v.string(), describe("the kernel's name, of Tcp or TcpExt")),
      by: v.number(),
      meaning: v.nullable(v.string()),
    }),
  ),
});

export const outcome = v.picklist(['passed', 'failed', 'skipped', 'errored', 'interrupted']);

/** A check of an event, as documents have it. */
export function checkDocument({
  bearings,
  question: _question,
  without: _without,
  uncontrolled: _uncontrolled,
  ...rest
}: Check): DocumentOf<typeof check> {
  return { ...rest, claims: bearings };
}

export function snapshotDocument(
  host: string,
  { observer, command, askedAt, takenAt, rows, unread, raw }: Snapshot,
  startedAt: number,
): DocumentOf<typeof snapshot> {
  const atMs = sinceStart(askedAt, startedAt);
  const answeredAtMs = sinceStart(takenAt, startedAt);
  return { host, observer, command, atMs, answeredAtMs, rows: rows.map(rowDocument), unread, raw };
}

function rowDocument({ cookie: _cookie, open: _open, ...shown }: Row): DocumentOf<typeof row> {
  return { ...shown, processes: shown.processes.map(({ pid, name }) => ({ pid, name })) };
}
