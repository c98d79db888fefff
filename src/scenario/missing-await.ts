import { TcpcloseError } from '../errors.ts';
import { Measurements } from '../lab/ends/measurements.ts';
import { Peer } from '../lab/ends/peer.ts';
import { Kernel } from '../lab/kernel.ts';
import { Lab } from '../lab/lab.ts';
import { Load } from '../lab/load.ts';
import { CounterWatch } from '../lab/recording/counters.ts';
import { Wire } from '../lab/wire.ts';
import { nearestTo } from '../nearest.ts';
import { SpanExpectation } from './expect/span.ts';
import { StartExpectation } from './expect/start.ts';
import { StateExpectation } from './expect/state.ts';
import { ValueExpectation } from './expect/value.ts';

interface Call {
  readonly what: string;
  readonly result: Promise<unknown>;
  /** Created where the call was made; its stack is read only on demand. */
  readonly from: Error;
}

/**
 * Watches how the user's own scenario uses the lab. A call without `await` runs beside the next ones, or is cut off by the end of the run,
 * and a name that does not exist is undefined: both become errors that explain this.
 */
export class WatchedCalls {
  readonly #proxies = new WeakMap<object, object>();
  readonly #targets = new WeakMap<object, object>();
  readonly #open = new Set<Call>();

  /** The same value; calls to its methods are watched, and so are their results. */
  watch<Value>(value: Value, name: string): Value {
    if (isPlain(value) && Object.values(value).some(isWatched)) {
      const entries = Object.entries(value).map(([key, item]) => [key, this.watch(item, nameOf(item, key))]);
      return Object.fromEntries(entries) as Value;
    }
    if (!isWatched(value)) return value;
    const known = this.#proxies.get(value);
    if (known !== undefined) return known as Value;
    const proxy = new Proxy(value, { get: (target, key) => this.#member(target, key, name) });
    this.#proxies.set(value, proxy);
    this.#targets.set(proxy, value);
    return proxy;
  }

  /** The same function, with its members. */
  watchFunction<Watched extends Method>(watched: Watched, name: string): Watched {
    return new Proxy(watched, {
      apply: (target, _, args) => this.#call(target, undefined, args, name),
      get: (target, key) => this.#member(target, key, name),
    });
  }

  /** The first call that has not ended. */
  get open(): Call | undefined {
    return this.#open.values().next().value;
  }

  /** Mutes the failures of calls that are cut off now. */
  mute(): void {
    for (const { result } of this.#open) result.catch(() => {});
  }

  #member(target: object, key: string | symbol, name: string): unknown {
    // Private members belong to the object itself, not to its proxy.
    const member: unknown = Reflect.get(target, key, target);
    if (typeof member === 'function') {
      const what = `${name}.${String(key)}`;
      return (...args: unknown[]) => this.#call(member as Method, target, args, what);
    }
    if (member === undefined && typeof key === 'string' && !(key in target)) refuseUnknown(target, key, name);
    return this.watch(member, nameOf(member, `${name}.${String(key)}`));
  }

  #call(method: Method, target: unknown, args: readonly unknown[], what: string): unknown {
    const given: unknown = method.apply(
      target,
      args.map((arg) => this.#unwatch(arg)),
    );
    if (!(given instanceof Promise)) return this.watch(given, nameOf(given, `${what}(...)`));
    const result = given.then((value: unknown) => this.watch(value, nameOf(value, `${what}(...)`)));
    const call: Call = { what: `${what}()`, result, from: new Error() };
    const close = () => void this.#open.delete(call);
    this.#open.add(call);
    given.then(close, close);
    this.#targets.set(result, given);
    return result;
  }

  #unwatch(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const target = this.#targets.get(value);
    if (value instanceof Promise) value.catch(() => {}); // Whoever gets the promise instead sees its failure.
    if (target !== undefined) return target;
    if (Array.isArray(value)) return value.map((item) => this.#unwatch(item));
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#unwatch(item)]));
  }
}

// biome-ignore lint/suspicious/noExplicitAny: all parameters and results are passed on.
type Method = (...args: any[]) => unknown;

/** The classes that a scenario works with; everything else is data, or belongs to Node. */
const classes = [
  ...[Lab, Kernel, Wire, Load, CounterWatch, Peer, Measurements],
  ...[StateExpectation, StartExpectation, ValueExpectation, SpanExpectation],
];

function isWatched(value: unknown): value is object {
  return classes.some((known) => value instanceof known);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function nameOf(value: unknown, otherwise: string): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? name : otherwise;
}

// Awaiting or printing a value looks up members that it need not have.
const askedOfAll = new Set(['then', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType']);

function refuseUnknown(target: object, key: string, name: string): void {
  if (askedOfAll.has(key)) return;
  const nearest = nearestTo(key, membersOf(target));
  const remedy = nearest === undefined ? 'see docs/writing-a-scenario.md' : `did you mean "${nearest}"?`;
  throw new TcpcloseError('unknown-member', `"${name}" has no "${key}": ${remedy}`);
}

function membersOf(target: object): string[] {
  const prototype: unknown = Object.getPrototypeOf(target);
  const own = Object.getOwnPropertyNames(target);
  return typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype
    ? [...own, ...membersOf(prototype)]
    : own;
}
