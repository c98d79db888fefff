import { monotonicMs } from '../../native/clock.ts';
import { socketInodeOf } from '../../proc-files.ts';
import type { Call } from './call.ts';
import { leftCall, mayHaveRun } from './left-call.ts';
import { isBound } from './place.ts';
import type { Sight } from './sight.ts';
import { type SocketNow, socketWith } from './socket.ts';
import type { Tables } from './tables.ts';

interface Pending {
  readonly sight: Sight;
  readonly call: Call;
  readonly expected: string | null;
  readonly since: number;
}

/** When to look at a call that was continued, in milliseconds afterwards. */
const delays = [0, 3, 30, 200, 500, 1000] as const;

/**
 * The results of continued calls, read from their sockets afterwards. A socket is looked at as rarely as possible,
 * because each look holds it here for a few microseconds.
 */
export class Outcomes {
  readonly #tables: Tables;
  readonly #tell: (call: Call, session: number) => void;
  readonly #queues = new Map<number, Pending[]>(delays.map((delay) => [delay, []]));
  readonly #open = new Set<Pending>();
  readonly #binds = new Map<number, Pending>();
  readonly #byThread = new Map<number, Pending>();

  constructor(tables: Tables, tell: (call: Call, session: number) => void) {
    this.#tables = tables;
    this.#tell = tell;
  }

  add(sight: Sight, call: Call, expected: string | null): void {
    const told = {
      ...call,
      result: expected ?? 'not seen',
      seen: expected === null ? null : 'just before',
    } as const;
    const pending = { sight, call: told, expected, since: monotonicMs() };
    this.#tell(told, sight.caller.session);
    this.#open.add(pending);
    this.#byThread.set(sight.caller.thread, pending);
    if (call.call === 'bind') this.#binds.set(sight.inode, pending);
    this.#queues.get(firstLook(pending))?.push(pending);
  }

  /** A waiting thread has left its previous call, and its sockets do not change while it waits. Call this before it continues. */
  settleEarlier({ caller, inode, call, socket }: Sight): void {
    const last = this.#byThread.get(caller.thread);
    if (last !== undefined && !this.#isSettled(last))
      this.#settle(last, this.#listens(last) ?? resultOf(last, socketOf(last.sight)));
    const bind = this.#binds.get(inode);
    // The listening thread need not be the one that called bind.
    if (call === 'listen' && bind !== undefined && socket !== undefined)
      this.#settle(bind, resultOf(bind, socket));
  }

  /** In how many milliseconds the next look is due; undefined without one. */
  nextLookInMs(now: number): number | undefined {
    const heads = [...this.#queues].flatMap(([delay, [head]]) =>
      head === undefined ? [] : [head.since + delay - now],
    );
    return heads.length === 0 ? undefined : Math.max(0, Math.min(...heads));
  }

  /** The number of the first call whose result is not final. */
  firstUnknown(): number | undefined {
    const [first] = this.#open;
    return first?.call.number;
  }

  /** Looks at the sockets that are due. */
  look(now: number): void {
    for (const [i, delay] of delays.entries()) {
      const queue = this.#queues.get(delay) ?? [];
      for (let head = queue[0]; head !== undefined && head.since + delay <= now; head = queue[0]) {
        queue.shift();
        if (this.#isSettled(head)) continue;
        const result = this.#resultNow(head, delay);
        const next = delays[i + 1];
        if (result === undefined && next !== undefined) this.#queues.get(next)?.push(head);
        else this.#settle(head, result ?? { result: head.expected ?? 'not seen', seen: head.call.seen });
      }
    }
  }

  // A failed query leaves the result unseen; it must not end the answering thread.
  #resultNow(pending: Pending, delay: number): Result | undefined {
    try {
      return this.#listens(pending) ?? resultNow(pending, delay);
    } catch {
      return { result: pending.expected ?? 'not seen', seen: pending.call.seen };
    }
  }

  // Reads the table, which needs no descriptor of the socket.
  #listens({ call, sight }: Pending): Result | undefined {
    if (call.call === 'bind' || call.family === 'Unix' || call.network === 'other') return undefined;
    const found = this.#tables.listeners().some(({ inode }) => inode === sight.inode);
    return found ? { result: 'ok', seen: 'afterwards' } : undefined;
  }

  #isSettled(pending: Pending): boolean {
    return !this.#open.has(pending);
  }

  #settle(pending: Pending, result: Result): void {
    const { call, sight } = pending;
    this.#open.delete(pending);
    if (this.#binds.get(sight.inode) === pending) this.#binds.delete(sight.inode);
    if (this.#byThread.get(sight.caller.thread) === pending) this.#byThread.delete(sight.caller.thread);
    if (result.result === call.result && result.seen === call.seen) return;
    this.#tell({ ...call, ...result }, sight.caller.session);
  }
}

type Result = Pick<Call, 'result' | 'seen'>;

function firstLook({ call, expected }: Pending): number {
  if (call.call === 'listen') return 0;
  if (expected === 'ok') return 200;
  return expected === null ? 30 : 3;
}

/** undefined if it is not known yet. */
function resultNow(pending: Pending, delay: number): Result | undefined {
  const { caller } = pending.sight;
  // First this, then the socket: otherwise the call could be executed between the two.
  const left = leftCall(caller.thread, pending.call.call);
  const socket = socketOf(pending.sight);
  const result = resultOf(pending, socket);
  if (socket === undefined || result.seen !== 'afterwards' || result.result === 'ok') return result;
  if (left === 'left' && delay > 0) return result;
  return left === 'not sure' && delay === delays.at(-1) && mayHaveRun(caller) ? result : undefined;
}

/** The result of a call that its thread has left, from the socket as it is now, if it still exists. */
function resultOf({ call, expected, sight }: Pending, socket: SocketNow | undefined): Result {
  // A socket that was bound before shows nothing about a second bind.
  const hadName = call.call === 'bind' && isBound(sight.socket?.place);
  if (socket === undefined || hadName) return { result: expected ?? 'not seen', seen: call.seen };
  const holds = call.call === 'bind' ? isBound(socket.place) : socket.listens === 'yes';
  if (holds) return { result: 'ok', seen: 'afterwards' };
  return { result: expected === null || expected === 'ok' ? 'failed' : expected, seen: 'afterwards' };
}

// The thread may have ended, but its process may live.
function socketOf({ caller, fd, inode }: Sight): SocketNow | undefined {
  const links = [caller.thread, caller.pid].map((id) => `/proc/${id}/fd/${fd}`);
  if (links.every((link) => socketInodeOf(link) !== inode)) return undefined;
  const socket = socketWith(inode, caller.pid, fd);
  return socket === 'none of ours' ? undefined : socket;
}
