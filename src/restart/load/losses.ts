import { groupBy } from '../../group.ts';
import { many } from '../../many.ts';
import { formatSpan } from '../../time.ts';
import type { Loss, LostRequest, Moments } from './account.ts';
import type { Language } from './language.ts';
import { type LossCode, lossCodes, ofHandover } from './loss-code.ts';
import { type Exit, isKnownToServer } from './lost.ts';
import type { LoadOptions } from './options.ts';
import { queueOfHandover, remedyFor, remedyOfReload } from './remedies.ts';

/** What is known about a restart under load. */
export interface Facts {
  readonly moments: Moments;
  readonly exit: Exit;
  readonly language: Language;
  readonly signal: NodeJS.Signals;
  readonly options: LoadOptions;
}

/** The causes of the losses: first those that a better shutdown avoids, sorted by the number of losses. */
export function lossesOf(lost: readonly LostRequest[], facts: Facts): Loss[] {
  const groups = [...groupBy(lost, ({ cause }) => cause).entries()];
  const rank = ([cause, requests]: (typeof groups)[number]) =>
    (ofHandover.has(cause) ? lossCodes.length * 1e6 : 0) - requests.length;
  return groups
    .sort((a, b) => rank(a) - rank(b))
    .map(([cause, requests]) => {
      const name = cause === 'outage' && isSlowStart(facts.moments) ? 'slow-start' : cause;
      return {
        cause: name,
        count: requests.length,
        explanation: explain(name, requests, facts),
        remedy:
          facts.moments.handoverFrom !== undefined && name === 'accept-queue-dropped'
            ? queueOfHandover
            : facts.moments.reloaded === undefined
              ? (remedyOfSecond(name, requests) ?? remedyFor(name, facts.language, facts.signal))
              : remedyOfReload(name),
      };
    });
}

const slowStartMs = 1000;
const slowShare = 0.7;

/** Whether most of the outage is the time that the second start itself takes. */
function isSlowStart({ listenerGone, started, listens }: Moments): boolean {
  if (listenerGone === null || started === null || listens === null) return false;
  const startMs = listens - started;
  return startMs > slowStartMs && startMs > slowShare * (listens - listenerGone);
}

function explain(cause: LossCode, lost: readonly LostRequest[], { moments, exit, options }: Facts): string {
  const n = many(lost.length, 'request was', 'requests were');
  const at = (moment: number | null) =>
    moment === null ? 'an unknown time' : formatSpan(Math.max(0, moment - moments.signal));
  const exited = at(moments.exited);
  switch (cause) {
    case 'no-handler':
      return `${n} lost because the signal ended the server (${exited} after it): it has no handler for it.`;
    case 'killed':
      return `${n} lost because SIGKILL ended the server: no program can handle that.`;
    case 'exits-at-once':
      return `${n} lost because the server exited ${exited} after the signal, while they were in flight: it does not wait for them.`;
    case 'drain-too-short':
      return `${n} lost because the server gave them up, ${endsOf(lost, at)} after the signal: it does not wait long enough.`;
    case 'drain-too-long':
      return `${n} lost because the server was not done ${formatSpan(options.drainMs ?? 0)} after the signal (--drain), and was killed.`;
    case 'stops-listening-before-drain':
      return `${n} refused while a load balancer still sent requests (--pre-stop ${formatSpan(options.preStopMs ?? 0)}): the server closed its listener ${at(moments.listenerGone)} after the signal.`;
    case 'accept-queue-dropped':
      return `${n} lost in the accept queue: the kernel had established the connection, the server had not accepted it, and closed its listener ${at(moments.listenerGone)} after the signal.`;
    case 'no-connection-close':
      return `${n} lost on connections that the server closed after an answer without "Connection: close": the client could not know, and used them again.`;
    case 'cuts-keep-alive':
      return `${n} lost on kept connections that the server closed after the signal, while the request was on its way.`;
    case 'cuts-requests':
      return `${n} lost because the server ended the connection while it still ran: it did not wait for its answers${lost.some(isKnownToServer) ? '' : ', or took the connection for an idle one (cuts-keep-alive)'}.`;
    case 'not-answered':
      return `${n} not answered within ${formatSpan(options.requestTimeoutMs)}, on connections to the old server.`;
    case 'answers-with-errors':
      return `${n} answered with a status (${statuses(lost)}) that no answer before the signal had.`;
    case 'second-start-loses':
      if (moments.handoverFrom !== undefined && lost.every(({ endedAt }) => endedAt < moments.signal))
        return `${n} lost before the signal, while both starts listened.`;
      if (moments.reloaded !== undefined)
        return `${n} lost after the reload, which was over ${at(moments.reloaded)} after the signal.`;
      return `${n} lost by the second start, from ${at(moments.listens)} after the signal, when it listened${howLost(lost, options)}.`;
    case 'slow-start':
      return `${n} ${refused(lost)} because the second start needed ${formatSpan((moments.listens ?? 0) - (moments.started ?? 0))} until it listened.`;
    case 'outage':
      if (moments.reloaded !== undefined)
        return `${n} refused while nothing listened: the reload closed the listener before another one was there.`;
      return `${n} ${refused(lost)} while nothing listened, ${span(moments, at)}: a better shutdown cannot avoid that.${whileDraining(lost, moments, exit)}`;
  }
}

/** How they were lost, if most of them ended in one way that is informative; otherwise empty. */
function howLost(lost: readonly LostRequest[], { requestTimeoutMs }: LoadOptions): string {
  const [ending, count] = mostly(lost);
  if (ending === 'garbled') return `: ${count} got bytes that are not an answer of the protocol`;
  if (ending === 'timed out') return `: ${count} had no whole answer within ${formatSpan(requestTimeoutMs)}`;
  return '';
}

function remedyOfSecond(cause: LossCode, lost: readonly LostRequest[]): string | undefined {
  if (cause !== 'second-start-loses') return undefined;
  const [ending] = mostly(lost);
  if (ending === 'garbled')
    return 'look at the output of the second start, and at who else answers on the port: its answers differ from those of the first start';
  if (ending === 'timed out')
    return 'allow more time with --request-timeout, ask for less with --load, or look at what the second start waits for';
  return undefined;
}

/** The class of more than half of them (null if there is none), and how many have it. */
function mostly(lost: readonly LostRequest[]): [ending: LostRequest['class'] | null, count: number] {
  const counts = [...groupBy(lost, ({ class: ending }) => ending)].map(
    ([ending, requests]) => [ending, requests.length] as const,
  );
  const found = counts.find(([, count]) => count > lost.length / 2);
  return found === undefined ? [null, 0] : [...found];
}

/** When they ended: `1.1 s`, or `0.9 s to 1.1 s`. */
function endsOf(lost: readonly LostRequest[], at: (moment: number) => string): string {
  const moments = lost.map(({ endedAt }) => endedAt);
  const from = at(moments.reduce((a, b) => Math.min(a, b)));
  const to = at(moments.reduce((a, b) => Math.max(a, b)));
  return from === to ? from : `${from} to ${to}`;
}

function refused(lost: readonly LostRequest[]): string {
  return lost.every(({ class: ending }) => ending === 'refused') ? 'refused' : 'lost';
}

function span({ listenerGone, listens }: Moments, at: (moment: number | null) => string): string {
  const until = listens === null ? '' : ` to ${at(listens)}`;
  return `from ${at(listenerGone)}${until} after the signal`;
}

/** A shutdown that waits makes the outage longer: a user who has just added one sees more refused requests than before. */
function whileDraining(lost: readonly LostRequest[], { listenerGone, exited }: Moments, exit: Exit): string {
  const count = lost.filter(({ phase }) => phase === 'closing').length;
  if (exit !== 'by itself' || count === 0 || listenerGone === null || exited === null) return '';
  return ` ${count} of them came during the ${formatSpan(exited - listenerGone)} in which the old server drained without a listener: draining saves requests in flight, and makes the outage longer.`;
}

function statuses(lost: readonly LostRequest[]): string {
  return [...new Set(lost.map(({ status }) => status))].join(', ');
}
