import * as v from 'valibot';
import type { IdleResult } from '../../idle/idle.ts';
import type { Comparison } from '../../idle/race.ts';
import { type DocumentOf, rounded, schemaVersion } from './parts.ts';

const describe = v.description;
const verdict = v.picklist(['no race', 'race possible', 'not measured']);
const ms = (text: string) => v.pipe(v.nullable(v.number()), describe(`${text}, in milliseconds`));

const probe = v.object({
  requests: v.pipe(v.number(), describe('how many requests the connection carried before it was left alone')),
  result: v.pipe(
    v.picklist(['closed', 'open', 'used up', 'no connection', 'no answer']),
    describe('used up: the server closed it before all requests were answered, and had not said so'),
  ),
  idleMs: ms('how long it had been idle when the server closed it, or for how long it was seen open'),
  by: v.pipe(v.nullable(v.picklist(['FIN', 'RST'])), describe('how the server closed it')),
  notice: v.pipe(
    v.nullable(v.string()),
    describe('the first line of what the server sent before that, such as 408'),
  ),
  answers: v.pipe(v.nullable(v.number()), describe('used up: after how many answers')),
  reason: v.pipe(v.nullable(v.string()), describe('why there was no connection or no answer')),
  status: v.pipe(v.nullable(v.number()), describe('of the last answer in HTTP')),
  saysClose: v.pipe(
    v.nullable(v.boolean()),
    describe('whether that answer announces the end of the connection'),
  ),
});

const comparison = v.object({
  client: v.string(),
  clientIdleMs: ms('how long the client keeps an idle connection to this server; null: without a limit'),
  source: v.pipe(v.string(), describe('where that number comes from')),
  verdict,
  reason: v.string(),
  risk: v.pipe(
    v.nullable(v.object({ ratePerS: v.number(), windowMs: v.number(), hitsPerS: v.number() })),
    describe('how many requests a second meet a closing connection at most, at that rate and round trip'),
  ),
});

/** What `tcpclose idle --json` prints. */
export const idleDocument = v.object({
  schemaVersion,
  address: v.string(),
  port: v.number(),
  tls: v.boolean(),
  path: v.string(),
  server: v.object({
    says: v.pipe(v.nullable(v.string()), describe('the field Server of its answers')),
    process: v.nullable(v.object({ pid: v.number(), command: v.string() })),
  }),
  probes: v.array(probe),
  idle: v.object({
    state: v.picklist(['says close', 'closes', 'closes unannounced', 'open', 'not measured']),
    ms: ms('after how long at the earliest, or for how long it was seen open'),
  }),
  keepAlive: v.pipe(
    v.nullable(
      v.object({
        timeoutS: v.number(),
        keeps: v.picklist(['yes', 'closes earlier', 'not known']),
        longerMs: ms('how much longer than it says it keeps a connection'),
      }),
    ),
    describe('what the server says in Keep-Alive: timeout=, and whether it keeps to it'),
  ),
  comparisons: v.array(comparison),
  compared: v.pipe(
    v.picklist(['one', 'all']),
    describe('one: a client was given; all: with all that are known'),
  ),
  settings: v.pipe(
    v.array(v.object({ of: v.string(), setting: v.string() })),
    describe('what ends the race, each by itself'),
  ),
  silence: v.pipe(
    v.object({
      reason: v.pipe(v.nullable(v.string()), describe('why it was not seen')),
      keepalive: v.nullable(v.picklist(['on', 'off'])),
      firstProbeMs: ms('after how much silence the first probe is sent'),
      others: v.pipe(v.nullable(v.number()), describe('established connections of others on the port')),
      silent: v.pipe(v.nullable(v.number()), describe('those of them without any timer')),
    }),
    describe('which connections would never notice that the other side is gone'),
  ),
  provoked: v.pipe(
    v.nullable(
      v.array(
        v.object({
          client: v.string(),
          holdMs: v.number(),
          sent: v.pipe(v.number(), describe("requests that were sent while the server's FIN was on its way")),
          elsewhere: v.pipe(v.number(), describe('of these, those on another connection, which met nothing')),
          repeated: v.pipe(v.number(), describe('met the closed connection, were sent again, and answered')),
          lost: v.pipe(v.number(), describe('met it, and failed')),
          badGateway: v.pipe(v.number(), describe('met it, and the proxy answered 502, 503 or 504')),
          gaveUpFirst: v.pipe(v.number(), describe('the client closed its connection before the server did')),
          errors: v.record(v.string(), v.number()),
        }),
      ),
    ),
    describe(
      'with --provoke, what the race cost real clients; null without, or if the server was not seen to close',
    ),
  ),
  verdict,
  durationMs: v.number(),
});

export type IdleDocument = DocumentOf<typeof idleDocument>;

export function idleDocumentOf(result: IdleResult): IdleDocument {
  const { place, server, idle, said, compared, settings, silence } = result;
  return {
    schemaVersion: 1,
    ...{ address: place.address, port: place.port, tls: place.tls === 'on', path: place.path, server },
    probes: result.probes.map(probeOf),
    idle: {
      state: idle.state,
      ms: idle.state === 'closes' ? idle.idleMs : idle.state === 'open' ? idle.watchedMs : null,
    },
    keepAlive: said,
    comparisons: result.comparisons.map(comparisonOf),
    ...{ compared, settings },
    silence: silenceOf(silence),
    provoked: result.provoked,
    verdict: result.verdict,
    durationMs: Math.round(result.durationMs),
  };
}

function silenceOf({ state: _, ...seen }: IdleResult['silence']): IdleDocument['silence'] {
  return { reason: null, keepalive: null, firstProbeMs: null, others: null, silent: null, ...seen };
}

function probeOf({
  requests,
  ending,
  notice,
  head,
}: IdleResult['probes'][number]): IdleDocument['probes'][number] {
  const idleMs =
    ending.state === 'closed' ? ending.idleMs : ending.state === 'open' ? ending.watchedMs : null;
  return {
    ...{ requests, result: ending.state, idleMs: rounded(idleMs), notice },
    by: ending.state === 'closed' ? ending.by : null,
    answers: ending.state === 'used up' ? ending.answers : null,
    reason: 'reason' in ending ? ending.reason : null,
    status: head?.status ?? null,
    saysClose: head === null ? null : !head.keeps,
  };
}

function comparisonOf({
  client,
  clientMs,
  verdict,
  reason,
  risk,
}: Comparison): IdleDocument['comparisons'][number] {
  return { client: client.label, clientIdleMs: clientMs, source: client.source, verdict, reason, risk };
}
