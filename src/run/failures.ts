import { isWildcard } from '../address.ts';
import type { Row } from '../observe/row.ts';
import type { Call } from '../supervisor/calls/call.ts';
import type { Witness } from '../supervisor/calls/witnesses.ts';
import { AskedPorts } from './asked-ports.ts';
import { classify } from './classify.ts';
import type { FailedBind } from './failed-bind.ts';
import { wordsOf } from './words.ts';

/** Node tries 0.0.0.0 when :: fails: both together are one failure. */
const sameAttemptMs = 100;

interface Kept {
  readonly first: Call;
  failure: FailedBind;
  readonly numbers: Set<number>;
}

/** The failed calls of a run; equal ones are counted. */
export class Failures {
  readonly #root: () => number;
  readonly #startedAt: number;
  readonly #witnesses = new Map<number, readonly Witness[]>();
  readonly #boundAt = new Map<number, number>();
  readonly #asked = new AskedPorts();
  readonly #kept: Kept[] = [];

  constructor(root: () => number, startedAt: number) {
    this.#root = root;
    this.#startedAt = startedAt;
  }

  witness(number: number, witnesses: readonly Witness[]): void {
    this.#witnesses.set(number, witnesses);
  }

  /** Adds a call. Returns a new failure, or undefined: the same failure may be reported twice, before and after its result is known. */
  add(call: Call, seen: FailedBind['seen'] = 'while it waited'): FailedBind | undefined {
    if (call.result === 'ok' || call.result === 'not seen') {
      this.#passed(call);
      return undefined;
    }
    if (this.#kept.some(({ numbers }) => numbers.has(call.number))) return undefined;
    const same = this.#kept.find(({ first }) => isSame(first, call));
    if (same !== undefined) {
      same.numbers.add(call.number);
      if (!isSecondAttempt(same.first, call))
        same.failure = { ...same.failure, times: same.failure.times + 1 };
      return undefined;
    }
    const failure = this.#failureOf(call, seen);
    this.#kept.push({ first: call, failure, numbers: new Set([call.number]) });
    return failure;
  }

  /** Adds which processes had the port right after a failure that was not explained while it waited. Returns the failure as it is then. */
  explain(call: Call, inTheWay: readonly Row[], witnesses: readonly Witness[]): FailedBind | undefined {
    const kept = this.#kept.find(({ numbers }) => numbers.has(call.number));
    if (kept === undefined) return undefined;
    this.#witnesses.set(call.number, witnesses);
    const { times } = kept.failure;
    const now = { ...call, inTheWay };
    kept.failure = { ...this.#failureOf(now, 'right after it', 'EADDRINUSE'), times };
    return kept.failure;
  }

  get all(): readonly FailedBind[] {
    return this.#kept.map(({ failure }) => failure);
  }

  #passed(call: Call): void {
    // A predicted failure that succeeded: the obstacle disappeared in between.
    const wrong = this.#kept.findIndex(({ numbers }) => numbers.has(call.number));
    if (wrong !== -1 && call.result === 'ok') this.#kept.splice(wrong, 1);
    this.#asked.passed(call);
    if (call.inode !== null && call.call === 'bind' && call.result === 'ok')
      this.#boundAt.set(call.inode, call.at);
  }

  /** @param taken the result by which it is judged: a held port explains a failure whose errno was not seen */
  #failureOf(call: Call, seen: FailedBind['seen'], taken = call.result): FailedBind {
    const witnesses = this.#witnesses.get(call.number) ?? [];
    const circumstances = { witnesses, root: this.#root(), boundAt: this.#boundAt };
    const { command, kind, holders, leftovers } = classify({ ...call, result: taken }, circumstances);
    const caller = witnesses.find(({ pid }) => pid === call.pid);
    const facts = {
      call: call.call,
      pid: call.pid,
      command,
      protocol: protocolOf(call),
      address: call.address,
      port: call.port,
      path: call.path,
      result: call.result,
      reuseAddress: call.options?.reuseAddress ?? null,
      kind,
      holders,
      leftovers,
      seen,
      asked: taken === 'EADDRINUSE' ? this.#asked.before(call, caller) : null,
    };
    return {
      ...facts,
      ...wordsOf(facts),
      atMs: Math.max(0, Math.round(call.at - this.#startedAt)),
      times: 1,
    };
  }
}

function protocolOf({ family, type }: Call): FailedBind['protocol'] {
  if (family === 'Unix') return 'Unix';
  return type === 'stream' ? 'TCP' : type === 'datagram' ? 'UDP' : 'other';
}

function isSame(one: Call, other: Call): boolean {
  const place = one.path === other.path && one.port === other.port && one.pid === other.pid;
  const address = one.address === other.address || isSecondAttempt(one, other);
  return place && address && one.call === other.call && one.result === other.result;
}

function isSecondAttempt(one: Call, other: Call): boolean {
  const wild = [one, other].every(({ address }) => address !== null && isWildcard(address));
  return wild && one.address !== other.address && other.at - one.at < sameAttemptMs;
}
