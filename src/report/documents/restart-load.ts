import * as v from 'valibot';
import { groupBy } from '../../group.ts';
import type { Counts, LoadAccount, LostRequest, Moments } from '../../restart/load/account.ts';
import type { DocumentOf } from './parts.ts';

const describe = v.description;
const phases = ['draining', 'closing', 'down', 'starting', 'serving'] as const;
const sinceSignal = v.pipe(v.nullable(v.number()), describe('milliseconds since the signal'));
const counts = v.object({
  ...{ answered: v.number(), cut: v.number(), closed: v.number(), refused: v.number() },
  ...{ reset: v.number(), timedOut: v.number(), garbled: v.number(), notMade: v.number() },
});

/** What became of the requests during a restart. */
export const load = v.object({
  asked: v.pipe(v.string(), describe('the load, as --load takes it')),
  request: v.string(),
  verdict: v.pipe(
    v.picklist(['loses nothing', 'within the allowed loss', 'loses', 'too little']),
    describe('too little: the load could not be made as asked, or it shows nothing'),
  ),
  reason: v.pipe(v.nullable(v.string()), describe('why it is too little')),
  requests: v.pipe(v.number(), describe('that were over after the signal, whenever they began')),
  lost: v.pipe(v.number(), describe('of these')),
  allowedLoss: v.pipe(v.number(), describe('a share, from 0 to 1')),
  kinds: v.array(
    v.object({
      kind: v.picklist(['new', 'pooled', 'idle', 'slow']),
      asked: v.pipe(v.number(), describe('new connections per second, or clients')),
      before: v.pipe(counts, describe('over before the signal')),
      after: v.pipe(counts, describe('over after the signal')),
      lost: v.number(),
    }),
  ),
  timeline: v.object({
    begins: sinceSignal,
    listenerCloses: sinceSignal,
    exits: sinceSignal,
    startsAgain: sinceSignal,
    listens: sinceSignal,
    answers: sinceSignal,
    reloaded: v.pipe(v.optional(sinceSignal), describe('when a reload was over; only then')),
    // Older documents lack these.
    listenerKept: v.pipe(
      v.optional(v.boolean()),
      describe('whether the same listener was there all the time'),
    ),
    listenerSeenBy: v.pipe(
      v.optional(v.nullable(v.picklist(['notice', 'table', 'exit', 'refused']))),
      describe(
        "what showed the end of the listener: the kernel's notice of the destroyed socket (sock_diag), its table, the exit of the server, or the first client that was refused",
      ),
    ),
    exitSeenBy: v.pipe(
      v.optional(v.nullable(v.picklist(['wait', 'proc', 'refused']))),
      describe(
        'what showed the exit of the old server: wait(2), its entry in /proc that was gone if another process waits for it, or the first client that was refused',
      ),
    ),
    listensSeenBy: v.pipe(
      v.picklist(['calls', 'table']),
      describe("by the second start's own listen(), or by the kernel's table, which is read every 5 ms"),
    ),
  }),
  phases: v.array(
    v.object({
      phase: v.pipe(
        v.picklist(phases),
        describe(
          'draining: the old server still listens; closing: it is there, and does not listen; down: it is gone, and nothing listens; starting: the second start listens, and has not answered yet',
        ),
      ),
      lost: v.number(),
      first: sinceSignal,
      last: sinceSignal,
    }),
  ),
  reasons: v.pipe(
    v.array(
      v.object({
        reason: v.picklist(['no listener', 'unread data', 'accept queue closed', 'not seen']),
        lost: v.number(),
      }),
    ),
    describe('why the kernel ended these connections, as far as its table showed it'),
  ),
  connections: v.pipe(
    v.optional(
      v.array(
        v.object({
          by: v.picklist(['FIN', 'RST']),
          when: v.picklist(['at rest', 'in flight']),
          count: v.number(),
          first: sinceSignal,
          last: sinceSignal,
        }),
      ),
    ),
    describe(
      'kept connections that the old server ended after the signal without "Connection: close", as their clients\' sockets showed it: at rest, or with a request in flight',
    ),
  ),
  losses: v.array(
    v.object({ cause: v.string(), lost: v.number(), explanation: v.string(), remedy: v.string() }),
  ),
  lostRequests: v.pipe(
    v.array(
      v.object({
        id: v.pipe(v.number(), describe('as in its header X-Request-Id')),
        kind: v.string(),
        class: v.string(),
        cause: v.string(),
        phase: v.string(),
        reason: v.string(),
        begun: sinceSignal,
        ended: sinceSignal,
        localPort: v.pipe(v.number(), describe("of the client's end; 0 if it was not connected")),
        use: v.pipe(v.number(), describe('which request of its connection it was')),
        status: v.nullable(v.number()),
        bytes: v.pipe(v.number(), describe('of the answer')),
      }),
    ),
    describe('the first 1000 of each cause'),
  ),
  answers: v.pipe(
    v.optional(v.array(v.object({ kind: v.string(), ended: v.array(v.number()) }))),
    describe(
      'when each answer was complete, in milliseconds since the signal: of the first 1000 of each kind; left out by earlier versions',
    ),
  ),
  newConnections: v.object({ asked: v.number(), made: v.number() }),
  stoodStillMs: v.pipe(v.number(), describe('the longest time by which its own clock was late')),
  notes: v.array(v.string()),
});

export type LoadDocument = DocumentOf<typeof load>;

const keptRequests = 1000;

export function loadOf(account: LoadAccount): LoadDocument {
  const { moments, lostRequests, kinds, losses, newAsked, newMade, latestMs } = account;
  const since = sinceSignalOf(moments);
  return {
    ...{ asked: account.asked, request: account.request, verdict: account.verdict, reason: account.reason },
    ...{ requests: account.requests, lost: account.lost, allowedLoss: account.allowedLoss },
    kinds: kinds.map(({ kind, asked, before, after, lostAfter }) => ({
      ...{ kind, asked, before: countsOf(before), after: countsOf(after), lost: lostAfter },
    })),
    timeline: {
      begins: since(moments.loadFrom),
      listenerCloses: since(moments.listenerGone),
      exits: since(moments.exited),
      startsAgain: since(moments.started),
      listens: since(moments.listens),
      answers: since(moments.answers),
      ...(moments.reloaded === undefined ? {} : { reloaded: since(moments.reloaded) }),
      listenerKept: moments.kept ?? false,
      listenerSeenBy: moments.goneSeenBy,
      exitSeenBy: moments.exitSeenBy,
      listensSeenBy: moments.listensSeenBy,
    },
    connections: account.ends.map(({ by, when, count, first, last }) => ({
      ...{ by, when, count, first: since(first), last: since(last) },
    })),
    phases: phasesOf(lostRequests, since),
    reasons: [...groupBy(lostRequests, ({ reason }) => reason)].map(([reason, lost]) => ({
      ...{ reason, lost: lost.length },
    })),
    losses: losses.map(({ cause, count, explanation, remedy }) => ({
      ...{ cause, lost: count, explanation, remedy },
    })),
    lostRequests: keptOf(lostRequests).map((request) => lostOf(request, since)),
    answers: [...groupBy(account.answered, ({ kind }) => kind)].map(([kind, own]) => ({
      kind,
      ended: own.slice(0, keptRequests).map(({ endedAt }) => since(endedAt) ?? 0),
    })),
    newConnections: { asked: newAsked, made: newMade },
    stoodStillMs: Math.round(latestMs),
    notes: account.notes,
  };
}

/** The first requests of each cause: the thousands that a long outage loses must not crowd out the others, which tell more. */
function keptOf(lost: readonly LostRequest[]): LostRequest[] {
  const kept = groupBy(lost, ({ cause }) => cause).values();
  const chosen = new Set([...kept].flatMap((alike) => alike.slice(0, keptRequests)));
  return lost.filter((request) => chosen.has(request));
}

type Since = (moment: number | null) => number | null;

function sinceSignalOf({ signal }: Moments): Since {
  return (moment) => (moment === null ? null : Math.round((moment - signal) * 10) / 10);
}

function phasesOf(lost: readonly LostRequest[], since: Since): LoadDocument['phases'] {
  return phases.flatMap((phase) => {
    const ends = lost.filter((request) => request.phase === phase).map(({ endedAt }) => endedAt);
    if (ends.length === 0) return [];
    const first = ends.reduce((a, b) => Math.min(a, b));
    const last = ends.reduce((a, b) => Math.max(a, b));
    return [{ phase, lost: ends.length, first: since(first), last: since(last) }];
  });
}

function countsOf(counts: Counts): LoadDocument['kinds'][number]['after'] {
  const { answered, cut, closed, refused, reset, garbled } = counts;
  const rest = { timedOut: counts['timed out'], garbled, notMade: counts['not made'] };
  return { answered, cut, closed, refused, reset, ...rest };
}

function lostOf(request: LostRequest, since: Since): LoadDocument['lostRequests'][number] {
  const { id, kind, cause, phase, reason, localPort, use, status, bytes, startedAt, endedAt } = request;
  return {
    ...{ id, kind, class: request.class, cause, phase, reason },
    ...{ begun: since(startedAt), ended: since(endedAt), localPort, use, status, bytes },
  };
}
