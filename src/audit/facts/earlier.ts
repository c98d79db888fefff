import { numberOfState, type State, stateOfNumber } from '../../state.ts';
import type { Key, Socket, SocketTable } from './sockets.ts';

/** What is kept of the first of two looks: the states of all sockets, and the listeners. */
export class EarlierTable {
  readonly #keys: Key[] = [];
  readonly #states: number[] = [];
  readonly #listeners = new Map<Key, Socket>();
  #byKey: Map<Key, number> | undefined;

  static of({ connections, listeners }: SocketTable): EarlierTable {
    const earlier = new EarlierTable();
    for (const { key, state } of connections) earlier.add(key, numberOfState(state));
    for (const listener of listeners) earlier.add(listener.key, numberOfState('LISTEN'), listener);
    return earlier;
  }

  add(key: Key, state: number, listener?: Socket): void {
    this.#keys.push(key);
    this.#states.push(state);
    if (listener !== undefined) this.#listeners.set(key, listener);
  }

  /** undefined if it was not there. */
  stateOf({ key }: Pick<Socket, 'key'>): State | undefined {
    // Built on first use, because a healthy machine does not need it.
    this.#byKey ??= new Map(this.#keys.map((key, i) => [key, this.#states[i] ?? 0]));
    const state = this.#byKey.get(key);
    return state === undefined ? undefined : stateOfNumber(state);
  }

  count(state: State): number {
    const number = numberOfState(state);
    return this.#states.reduce((total, one) => total + (one === number ? 1 : 0), 0);
  }

  get listeners(): Iterable<Socket> {
    return this.#listeners.values();
  }

  listener({ key }: Pick<Socket, 'key'>): Socket | undefined {
    return this.#listeners.get(key);
  }
}
