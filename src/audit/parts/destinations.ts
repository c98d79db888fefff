import { type Endpoint, formatEndpoint, isLoopback } from '../../address.ts';
import { timeWaitMs } from '../../state.ts';
import { settingOf } from '../facts/machine.ts';
import type { Socket } from '../facts/sockets.ts';
import type { Facts } from '../facts.ts';
import type { PortRange } from './port-range.ts';

/** Here a TIME_WAIT is divided into steps of this size. */
const stepMs = 1000;
const steps = timeWaitMs / stepMs;
/** The age from which tcp_tw_reuse may take a TIME_WAIT over (tcp_tw_reuse_delay). */
const reuseAfterMs = 1000;

/** The ephemeral ports of one local address that are in use towards one destination. */
export class Destination {
  readonly from: string;
  readonly to: Endpoint;
  readonly ports = new Set<number>();
  readonly live: Socket[] = [];
  timeWaits = 0;
  /** TIME_WAITs by the seconds that remain. */
  readonly #left = new Uint32Array(steps + 1);
  #old = 0;

  constructor(from: string, to: Endpoint) {
    this.from = from;
    this.to = to;
  }

  addTimeWait(port: number, leftMs: number): void {
    this.ports.add(port);
    this.timeWaits++;
    const stepsLeft = Math.min(steps, Math.floor(leftMs / stepMs));
    this.#left[stepsLeft] = (this.#left[stepsLeft] ?? 0) + 1;
    if (timeWaitMs - leftMs >= reuseAfterMs) this.#old++;
  }

  addLive(socket: Socket): void {
    this.ports.add(socket.local.port);
    this.live.push(socket);
  }

  /** Connections per second that entered TIME_WAIT here in the last seconds. */
  get perSecond(): number {
    const seconds = 10;
    let count = 0;
    for (let i = steps - seconds; i <= steps; i++) count += this.#left[i] ?? 0;
    return count / seconds;
  }

  /** TIME_WAITs that a new connection may take over. */
  reusable(facts: Facts): number {
    return reuseOf(this.to.address, facts) === 'on' ? this.#old : 0;
  }

  /** Milliseconds until no port is left at the present rate; null if ports do not run out. */
  lastsMs(size: number): number | null {
    const rate = this.perSecond;
    let used = this.ports.size;
    if (used >= size) return 0;
    for (let second = 0; second < steps; second++) {
      used += rate - (this.#left[second] ?? 0);
      if (used >= size) return (second + 1) * stepMs;
    }
    return null;
  }

  /** When the first port is free again, and when most of the present TIME_WAITs have ended. */
  get freeInMs(): number | null {
    const first = this.#left.findIndex((count) => count > 0);
    return first === -1 ? null : first * stepMs;
  }
}

/** Whether TIME_WAITs towards an address may be taken over: tcp_tw_reuse, which needs timestamps. */
export function reuseOf(address: string, { now: { machine } }: Facts): 'on' | 'off' | 'no timestamps' {
  if (settingOf(machine, 'net.ipv4.tcp_timestamps') === 0) return 'no timestamps';
  const reuse = settingOf(machine, 'net.ipv4.tcp_tw_reuse');
  return reuse === 1 || (reuse === 2 && isLoopback(address)) ? 'on' : 'off';
}

/** Sockets with an ephemeral port here that were not accepted here, by local address and destination. */
export function destinationsOf(facts: Facts, range: PortRange): Destination[] {
  const { serverPorts } = facts;
  const found = new DestinationTable();
  for (const socket of facts.connections) {
    const { port } = socket.local;
    if (!range.has(port) || serverPorts.has(port) || facts.isServer(socket)) continue;
    found.at(socket.local.address, socket.remote).addLive(socket);
  }
  for (const { local, remote, leftMs } of facts.now.table.timeWaits) {
    if (!range.has(local.port) || serverPorts.has(local.port)) continue;
    if (!facts.isChosen({ local, remote, inode: 0 })) continue;
    found.at(local.address, remote).addTimeWait(local.port, leftMs);
  }
  return found.all;
}

/** Looks up three keys in turn, because joining them into one text would take most of the time. */
class DestinationTable {
  readonly all: Destination[] = [];
  readonly #found = new Map<string, Map<string, Map<number, Destination>>>();

  at(from: string, to: Endpoint): Destination {
    const byAddress = valueIn(this.#found, from, () => new Map<string, Map<number, Destination>>());
    const byPort = valueIn(byAddress, to.address, () => new Map<number, Destination>());
    return valueIn(byPort, to.port, () => {
      const made = new Destination(from, to);
      this.all.push(made);
      return made;
    });
  }
}

function valueIn<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

export function nameOfDestination({ from, to }: Destination): string {
  return `${formatEndpoint(to)} from ${from}`;
}
