import * as v from 'valibot';
import type { RoundResult, TrialResult } from '../../restart/trial.ts';
import { type DocumentOf, process, rounded, row } from './parts.ts';

const describe = v.description;
export const ending = v.object({ status: v.nullable(v.number()), signal: v.nullable(v.string()) });

export const call = v.object({
  call: v.picklist(['bind', 'listen']),
  pid: v.number(),
  program: v.string(),
  address: v.nullable(v.string()),
  port: v.nullable(v.number()),
  path: v.nullable(v.string()),
  reuseAddress: v.nullable(v.boolean()),
  reusePort: v.nullable(v.boolean()),
  result: v.pipe(v.string(), describe('ok, an errno, failed, or not seen')),
  seen: v.pipe(
    v.nullable(v.picklist(['afterwards', 'just before'])),
    describe(
      'when the result was seen: afterwards, on the socket; or just before the call went on, by a bind of tcpclose with the same options',
    ),
  ),
  inTheWay: v.pipe(
    v.array(row),
    describe('the sockets on its port at that moment, and who had them, if the port was in use'),
  ),
});

export const sighting = v.object({
  seenBy: v.pipe(
    v.picklist(['calls', 'table']),
    describe(
      "how it is known to belong to the command: by its own listen(), or only by the kernel's table of sockets",
    ),
  ),
  openedBy: v.pipe(
    v.nullable(process),
    describe('the process that called listen(); null if that was not seen'),
  ),
});

export const evidence = v.object({
  explanation: v.nullable(v.string()),
  remedy: v.nullable(v.string()),
  stopped: v.pipe(
    v.nullable(v.object({ ...ending.entries, afterMs: v.number() })),
    describe('how the old server ended; null if it had not in time'),
  ),
  secondStart: v.nullable(
    v.object({
      result: v.pipe(
        v.picklist([
          'accepts',
          'not ready',
          'not everywhere',
          'no answer',
          'ends its client',
          'listens only',
          'failed',
        ]),
        describe('how far it got with one client'),
      ),
      acceptedBy: v.pipe(
        v.array(process),
        describe('the processes that accepted the client; empty if none did, or they could not be seen'),
      ),
      calls: v.pipe(
        v.array(call),
        describe('its own calls, with the options at that moment; empty if they were not watched'),
      ),
      watchedMs: v.pipe(
        v.nullable(v.number()),
        describe('how long it was watched after it had served its client; null if it has served none'),
      ),
      listensOn: v.pipe(
        v.array(v.union([v.number(), v.string()])),
        describe('the ports or paths on which it listens instead'),
      ),
      ended: v.nullable(ending),
      output: v.pipe(v.string(), describe('the end of what it printed')),
      sockets: v.pipe(v.array(row), describe('on the port after it failed')),
    }),
  ),
  bind: v.pipe(
    v.nullable(v.object({ withoutReuseAddress: v.string(), withReuseAddress: v.string() })),
    describe('what bind(2) said on the old address after the second start failed: ok, or errno'),
  ),
  freeInMs: v.pipe(v.nullable(v.number()), describe('by the longest timer of what remained')),
  rounds: v.object({ survived: v.number(), failed: v.number() }),
  outagesMs: v.pipe(v.array(v.nullable(v.number())), describe('of each round')),
});

type Call = DocumentOf<typeof call>;

export function evidenceOf(
  round: RoundResult,
  rounds: readonly RoundResult[],
  cause: TrialResult['cause'],
): DocumentOf<typeof evidence> {
  const { stopped, second, probe, oldSockets } = round;
  const left = [...oldSockets, ...(second?.sockets ?? [])].flatMap(({ timer }) =>
    timer?.kind === 'timewait' ? [timer.leftMs] : [],
  );
  return {
    explanation: cause?.explanation ?? null,
    remedy: cause?.remedy ?? null,
    stopped,
    secondStart: second && {
      result: second.result,
      acceptedBy: second.acceptedBy,
      watchedMs: rounded(second.watchedMs),
      listensOn: second.listensOn,
      calls: second.calls.map(callOf),
      ended: second.ended,
      output: second.output,
      sockets: second.sockets,
    },
    bind: probe,
    freeInMs: left.length === 0 ? null : Math.max(...left),
    rounds: {
      survived: rounds.filter(({ verdict }) => verdict !== 'fails').length,
      failed: rounds.filter(({ verdict }) => verdict === 'fails').length,
    },
    outagesMs: rounds.map(({ outageMs }) => outageMs),
  };
}

export function callOf(seen: RoundResult['calls'][number]): Call {
  const { call, pid, program, address, port, path, options, result, inTheWay } = seen;
  const reuseAddress = options?.reuseAddress ?? null;
  const reusePort = options?.reusePort ?? null;
  return {
    ...{ call, pid, program, address, port, path },
    ...{ reuseAddress, reusePort, result, seen: seen.seen, inTheWay },
  };
}

export function sightingOf(seen: RoundResult['sighting']): DocumentOf<typeof sighting> {
  return { seenBy: seen.seenBy, openedBy: seen.seenBy === 'calls' ? seen.openedBy : null };
}
