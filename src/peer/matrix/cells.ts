import type { BindingResult } from '../../native/binding.ts';
import type { SockDiag } from '../../native/sock-diag.ts';
import { familyOf } from '../../native/sockaddr.ts';
import { numberOfState, stateOfNumber } from '../../state.ts';
import { poll } from '../../time.ts';
import type { Options, Pair, Place } from './place.ts';
import { prepare } from './prepare.ts';
import { cellPatienceMs } from './remains.ts';

/** What remains on a port. It is created, and checked again before every bind. */
export class Cells {
  readonly #place: Place;
  readonly #pair: Pair | undefined;
  readonly #diag: SockDiag;

  constructor(place: Place, diag: SockDiag) {
    this.#place = place;
    this.#diag = diag;
    this.#pair = prepare[place.group.remains](place);
  }

  get isSettled(): boolean {
    return this.#state() === this.#place.group.remains;
  }

  measure(news: readonly Options[]): (BindingResult & { readonly state: string })[] {
    return news.map((options) => ({ state: this.#state(), ...this.#place.bindNew(options) }));
  }

  /** What is on the port now, in the words of the table, or the kernel's name of another state. */
  #state(): string {
    return this.#pair === undefined ? this.#stateOfPort() : this.#stateOf(this.#pair);
  }

  #stateOfPort(): string {
    const { port, group } = this.#place;
    const [socket] = this.#diag.list(familyOf(group.addresses.old), { port });
    if (socket !== undefined) return nameOf(socket.state);
    return this.#isBound() ? 'bound' : 'nothing';
  }

  // Kernels before 6.8 do not list bound sockets; a bind without options shows them as well.
  #isBound(): boolean {
    const { port, group } = this.#place;
    const states = 1 << numberOfState('BOUND_INACTIVE');
    const listed = this.#diag.list(familyOf(group.addresses.old), { port, states });
    return listed.length > 0 || !this.#place.isFreeForOld();
  }

  #stateOf({ local, remote }: Pair): string {
    const { remains, addresses } = this.#place.group;
    const socket = this.#diag.find(local, remote, familyOf(addresses.old));
    if (socket === undefined) return 'nothing';
    const client = remains.startsWith('client ') ? 'client ' : '';
    const holder = socket.inode === 0 ? 'orphaned' : 'held';
    const state = nameOf(socket.state);
    return `${client}${state === 'FIN_WAIT2' ? `FIN_WAIT2 ${holder}` : state}`;
  }
}

function nameOf(state: number): string {
  return stateOfNumber(state) ?? `state ${state}`;
}

/** Waits until all have reached their state. A cell that never does so shows it in its measurement. */
export async function untilSettled(all: readonly Cells[]): Promise<void> {
  let waiting = all;
  const areSettled = () => {
    waiting = waiting.filter(({ isSettled }) => !isSettled);
    return waiting.length === 0;
  };
  await poll('the remains of the cells', areSettled, { withinMs: cellPatienceMs, everyMs: 2 });
}
