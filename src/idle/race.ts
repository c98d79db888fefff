import { formatSpan } from '../time.ts';
import type { Head } from './answer.ts';
import type { IdleClient } from './clients.ts';
import type { ProbeResult } from './probe.ts';

/** What the server does with a connection that has been used and is idle. */
export type ServerIdle =
  /** It ends each connection after its answer, and announces it: no client uses it again. */
  | { readonly state: 'says close' }
  /** The shortest time after which it closed. */
  | { readonly state: 'closes'; readonly idleMs: number }
  /** It closed after this many answers, without announcing it. */
  | { readonly state: 'closes unannounced'; readonly answers: number }
  | { readonly state: 'open'; readonly watchedMs: number }
  | { readonly state: 'not measured'; readonly reason: string };

/** What the server promises in `Keep-Alive:`, and whether it keeps that promise. */
export interface Said {
  readonly timeoutS: number;
  /** `not known` if it was not seen to close, and was not watched for that long. */
  readonly keeps: 'yes' | 'closes earlier' | 'not known';
  /** How much longer than promised it keeps the connection; null if it was not seen to close. */
  readonly longerMs: number | null;
}

export interface Risk {
  readonly ratePerS: number;
  /** From the moment when the server closes until a client at that distance knows it, and back: one round trip. */
  readonly windowMs: number;
  /** At most this many requests meet a connection that closes. */
  readonly hitsPerS: number;
}

export interface Comparison {
  readonly client: IdleClient;
  /** How long the client keeps an idle connection to this server, taking the server's promise into account; null if it has no limit. */
  readonly clientMs: number | null;
  readonly verdict: 'no race' | 'race possible' | 'not measured';
  readonly reason: string;
  readonly risk: Risk | null;
}

/** Timers of both sides are coarse: a side counts as longer only if it is longer by this much. */
export const marginMs = 1000;
/** A server that closes an idle connection sooner than this does not wait for another request. */
const leastIdleMs = 200;
/** How much early a server may close and still keep its promise, because of clocks and the way of the FIN. */
const toleranceMs = 100;

/**
 * On a busy machine, tcpclose itself may leave a connection idle between two requests. If the server closed such a connection as late as it
 * closes others, the connection was idle, not used up.
 */
export function withIdleCloses(probes: readonly ProbeResult[]): readonly ProbeResult[] {
  const closed = probes.flatMap(({ requests, ending }) =>
    requests > 0 && ending.state === 'closed' && ending.idleMs >= leastIdleMs ? ending.idleMs : [],
  );
  const usualMs = Math.min(...closed);
  return probes.map((probe) => {
    const { ending } = probe;
    if (ending.state !== 'used up' || ending.quietMs < usualMs - toleranceMs) return probe;
    return { ...probe, ending: { state: 'closed', idleMs: ending.quietMs, by: ending.by } };
  });
}

export function serverIdleOf(probes: readonly ProbeResult[]): ServerIdle {
  const used = probes.filter(({ requests }) => requests > 0);
  const states = used.map(({ ending }) => ending);
  const announced = used.some(({ head, ending }) => head?.keeps === false && ending.state !== 'no answer');
  if (announced) return { state: 'says close' };
  for (const ending of states)
    if (ending.state === 'used up') return { state: 'closes unannounced', answers: ending.answers };
  const closed = states.flatMap((ending) => (ending.state === 'closed' ? ending.idleMs : []));
  if (closed.length > 0) return { state: 'closes', idleMs: Math.min(...closed) };
  const open = states.flatMap((ending) => (ending.state === 'open' ? ending.watchedMs : []));
  if (open.length > 0) return { state: 'open', watchedMs: Math.min(...open) };
  const reason = states.flatMap((ending) => ('reason' in ending ? ending.reason : []))[0];
  return { state: 'not measured', reason: reason ?? 'no connection was used' };
}

export function saidBy(head: Head | null, idle: ServerIdle): Said | null {
  const timeoutS = head?.timeoutS ?? null;
  if (timeoutS === null) return null;
  const saidMs = timeoutS * 1000;
  if (idle.state === 'closes') {
    const longerMs = idle.idleMs - saidMs;
    return { timeoutS, keeps: longerMs < -toleranceMs ? 'closes earlier' : 'yes', longerMs };
  }
  const keeps = idle.state === 'open' && idle.watchedMs >= saidMs ? 'yes' : 'not known';
  return { timeoutS, keeps, longerMs: null };
}

/** Which side gives up first, and what follows. */
export function compare(
  client: IdleClient,
  idle: ServerIdle,
  timeoutS: number | null,
  load: Pick<Risk, 'ratePerS' | 'windowMs'>,
): Comparison {
  const clientMs = keptBy(client, timeoutS);
  const result = (verdict: Comparison['verdict'], reason: string, risk: Risk | null = null): Comparison => ({
    ...{ client, clientMs, verdict, reason, risk },
  });
  const keeps = clientMs === null ? 'without a limit' : `for ${formatSpan(clientMs)}`;
  switch (idle.state) {
    case 'not measured':
      return result('not measured', idle.reason);
    case 'says close':
      return result('no race', 'the server says "Connection: close": no connection is used again');
    case 'closes unannounced':
      return result(
        'race possible',
        `the server closes after ${idle.answers === 1 ? 'one answer' : `${idle.answers} answers`}, and does not say so`,
      );
    case 'open': {
      const watched = formatSpan(idle.watchedMs);
      if (clientMs !== null && idle.watchedMs > clientMs + marginMs - toleranceMs)
        return result('no race', `the client gives up first: the server was still there after ${watched}`);
      return result(
        'not measured',
        `the server did not close within ${watched}, and the client keeps a connection ${keeps}`,
      );
    }
    case 'closes': {
      if (clientMs === 0)
        return result(
          'no race',
          'the server says that it closes so soon that the client does not use a connection again',
        );
      const closes = formatSpan(idle.idleMs);
      if (clientMs !== null && idle.idleMs > clientMs + marginMs)
        return result(
          'no race',
          `the client gives up first: it keeps a connection ${keeps}, the server ${closes}`,
        );
      const risk = { ...load, hitsPerS: hitsPerS(load.ratePerS, load.windowMs, idle.idleMs) };
      return result(
        'race possible',
        `the server closes first, after ${closes}: the client keeps a connection ${keeps}`,
        risk,
      );
    }
  }
}

/** How long a client keeps an idle connection to a server with this promise; null for no limit. */
export function keptBy(
  { idleMs, hintMarginMs, hintMostMs }: IdleClient,
  timeoutS: number | null,
): number | null {
  if (hintMarginMs === null || timeoutS === null) return idleMs;
  const hintedMs = Math.max(0, timeoutS * 1000 - hintMarginMs);
  return Math.min(hintedMs, hintMostMs ?? idleMs ?? hintedMs);
}

/**
 * How many requests a second meet a closing connection at most. Requests come independently of each other, `rate` a second, over any number
 * n of connections: the idle time of a connection is exponentially distributed with mean n / rate. A request is hit if that time lies
 * within the window w around the server's timeout T: rate · (rate / n) · w · e^(-T · rate / n) a second, which is highest for n = rate · T:
 * rate · w / (e · T). Requests in a regular interval that is near T are hit more often: up to each of them.
 */
export function hitsPerS(rate: number, windowMs: number, idleMs: number): number {
  return rate * Math.min(1, windowMs / (Math.E * Math.max(idleMs, windowMs)));
}
