import { type FinishedRequest, isLost } from '../../load/request.ts';
import type { LostRequest, Moments, Phase, Reason } from './account.ts';
import type { LossCode } from './loss-code.ts';
import { isOfOld, reportDelayMs } from './old-connections.ts';
import { longestPlain, waitsForOlder, wasRead } from './reading.ts';
import type { LastSeen } from './table-watch.ts';

/** A request that was sent longer before its connection ended than this had arrived, if the server answers others faster. */
const onItsWayMs = 50;
/** A server that ends its connections this soon after the signal did not wait for them. */
const atOnceMs = 900;

/** How the old server ended. */
export type Exit = 'by the signal' | 'killed' | 'when the drain was over' | 'by itself' | 'not';

/** What is known when the requests are accounted for. */
export interface Known {
  readonly moments: Moments;
  readonly exit: Exit;
  readonly preStopMs: number | undefined;
  readonly seen: ReadonlyMap<number, LastSeen>;
  /** The HTTP statuses with which the server answered before the signal. */
  readonly statusesBefore: ReadonlySet<number | null>;
  /** The length of complete answers that do not mark their own end, if all had the same length; otherwise null. */
  readonly usualBytes: number | null;
  /** Whether another program has taken the port, and the second start never listened. */
  readonly stranger: 'has the port' | 'none';
  /** Requests with an answer, before the signal and after it. */
  readonly answered: readonly FinishedRequest[];
}

/** The requests that clients lost, each with the phase, the kernel's reason and the cause. */
export function lostOf(requests: readonly FinishedRequest[], known: Known): LostRequest[] {
  const lost = requests
    .filter((request) => lossOf(request, known))
    .map((request) => describe(request, known));
  // A server that ends connections whose request it has had for a while has ended the others in the same way.
  const cuts = lost.some((request) => request.cause === 'cuts-requests' && isKnownToServer(request));
  // A server that had finished when it exited can only have met requests that were still on their way.
  const gaveUp = lost.some((request) => request.cause === 'drain-too-short' && !isOnItsWay(request, known));
  const met = (request: LostRequest) =>
    !gaveUp && request.cause === 'drain-too-short' && request.previous !== null
      ? { ...request, cause: whileThere(request, request.reason, known) }
      : request;
  return lost
    .map(met)
    .map((request) =>
      cuts && request.cause === 'cuts-keep-alive' ? { ...request, cause: 'cuts-requests' } : request,
    );
}

/** Whether the server certainly had the request: its answer had begun, or takes long. */
export function isKnownToServer({ class: ending, kind }: FinishedRequest): boolean {
  return ending === 'cut' || kind === 'slow';
}

function lossOf(request: FinishedRequest, { statusesBefore, usualBytes }: Known): boolean {
  if (isLost(request)) return true;
  if (request.class !== 'answered') return false;
  if (isError(request) && !statusesBefore.has(request.status)) return true;
  return isShort(request, usualBytes);
}

function isError({ status }: FinishedRequest): boolean {
  return status !== null && status >= 400;
}

/** Whether an answer that ends with its connection is shorter than all before, and so was cut. */
function isShort({ delimited, bytes }: FinishedRequest, usualBytes: number | null): boolean {
  return delimited === 'by the close' && usualBytes !== null && bytes < usualBytes;
}

function describe(request: FinishedRequest, known: Known): LostRequest {
  const short = request.class === 'answered' && isShort(request, known.usualBytes);
  const seen = short ? { ...request, class: 'cut' as const, endedBy: 'FIN' as const } : request;
  const reason = reasonOf(seen, known);
  return { ...seen, phase: phaseOf(seen, known), reason, cause: causeOf(seen, reason, known) };
}

/** The phase in which a request ended. A connection ends with the old server's process at the latest; its client may see that later. */
function phaseOf(request: FinishedRequest, { moments, exit }: Known): Phase {
  const { listenerGone, exited, listens, answers, reloaded, handoverFrom } = moments;
  const isHandover = handoverFrom !== undefined;
  if (isHandover || reloaded !== undefined) {
    if (!isOfOld(request, moments)) return 'serving';
    if (isHandover && request.endedAt < moments.signal) return 'starting';
    if (!isHandover && request.class === 'refused') return 'down';
    return listenerGone !== null && request.endedAt >= listenerGone ? 'closing' : 'draining';
  }
  const end = request.class !== 'refused' && isOfOld(request, moments) ? exited : null;
  const at = Math.min(request.endedAt, end ?? Number.POSITIVE_INFINITY);
  if (answers !== null && at >= answers) return 'serving';
  if (listens !== null && at >= listens) return 'starting';
  if (exited !== null && at > exited) return 'down';
  // A process that dies of the signal closes its listener together with everything else.
  const outlivesListener = exit !== 'by the signal' && exit !== 'killed' && listenerGone !== exited;
  if (outlivesListener && listenerGone !== null && at >= listenerGone) return 'closing';
  if (request.class !== 'refused') return 'draining';
  return outlivesListener ? 'closing' : 'down';
}

function reasonOf({ class: ending, endedBy, localPort, endedAt }: FinishedRequest, known: Known): Reason {
  if (ending === 'refused') return 'no listener';
  const last = known.seen.get(localPort);
  if (endedBy !== 'RST' || last === undefined || last.at > endedAt) return 'not seen';
  if (last.place === 'accept queue') return 'accept queue closed';
  return last.unread > 0 ? 'unread data' : 'not seen';
}

function causeOf(request: FinishedRequest, reason: Reason, known: Known): LossCode {
  const { moments, exit, preStopMs } = known;
  const { exited, signal } = moments;
  const { class: ending, startedAt, endedAt } = request;
  if (ending === 'answered') return 'answers-with-errors';
  if (moments.handoverFrom !== undefined) {
    if (endedAt < signal) return 'second-start-loses';
    if (reason === 'accept queue closed') return 'accept-queue-dropped';
  }
  if (ending === 'refused') {
    if (preStopMs !== undefined && startedAt < signal + preStopMs) return 'stops-listening-before-drain';
    const serves = moments.reloaded ?? moments.answers;
    return serves !== null && startedAt > serves ? 'second-start-loses' : 'outage';
  }
  if (!isOfOld(request, moments)) {
    if (moments.reloaded !== undefined) return 'second-start-loses';
    if (known.stranger === 'has the port') return 'outage';
    const isEarly = moments.answers === null || startedAt < moments.answers;
    // If part of the answer arrived, the second start did answer, but too slowly for the time limit.
    return ending === 'timed out' && request.bytes === 0 && isEarly ? 'slow-start' : 'second-start-loses';
  }
  if (exit === 'by the signal') return 'no-handler';
  if (exit === 'killed') return 'killed';
  if (ending === 'timed out') return 'not-answered';
  if (
    exited !== null &&
    (exited - signal < reportDelayMs * 2 || mayEndWithProcess(endedAt, exited, moments))
  ) {
    if (exit === 'when the drain was over') return 'drain-too-long';
    return Math.min(endedAt, exited) - signal < atOnceMs ? 'exits-at-once' : 'drain-too-short';
  }
  return whileThere(request, reason, known);
}

/** Whether a connection may have ended with the process, whose exit may be reported late, but not while the process was seen to run. */
function mayEndWithProcess(endedAt: number, exited: number, { lastAlive }: Moments): boolean {
  return endedAt >= Math.min(exited - reportDelayMs, lastAlive ?? exited);
}

/** Whether the server could not know about the request, or took its connection for idle: it waits for requests that it has had longer. */
function isOnItsWay(request: FinishedRequest, { moments, seen, answered }: Known): boolean {
  const { class: ending, startedAt, endedAt } = request;
  if (ending === 'cut') return false;
  if (!wasRead(request, seen)) return true;
  const isShort = endedAt - startedAt < Math.max(onItsWayMs, longestPlain(answered));
  return isShort && waitsForOlder(request, { moments, answered });
}

/** The cause if the server was still running, and ended the connection. */
function whileThere(request: FinishedRequest, reason: Reason, known: Known): LossCode {
  const { class: ending, endedAt, previous } = request;
  const { moments, seen } = known;
  const { signal } = moments;
  if (reason === 'accept queue closed' || neverAccepted(request, moments, seen))
    return 'accept-queue-dropped';
  if (previous === null || ending === 'cut' || !isOnItsWay(request, known))
    return endedAt - signal < atOnceMs ? 'cuts-requests' : 'drain-too-short';
  return previous.endedAt > signal && !previous.announcedClose ? 'no-connection-close' : 'cuts-keep-alive';
}

/** Whether it was reset when the listener was closed, before the table showed that a process had it. */
function neverAccepted(
  { class: ending, connectedAt, endedAt, localPort, use }: FinishedRequest,
  { listenerGone }: Moments,
  seen: Known['seen'],
): boolean {
  if (connectedAt === null) return true;
  if (ending !== 'reset' || use > 1 || seen.get(localPort)?.place === 'accepted') return false;
  return listenerGone !== null && Math.abs(endedAt - listenerGone) < reportDelayMs;
}
