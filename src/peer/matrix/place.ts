import * as v from 'valibot';
import type { Endpoint } from '../../address.ts';
import { type Binding, type BindingResult, prepareToBind, tryBinding } from '../../native/binding.ts';
import { setSocketOption } from '../../native/options.ts';
import { bindSocket, closeDescriptor, listenOn, openSocket } from '../../native/socket.ts';
import { onOff } from '../schemas.ts';
import { cellPatienceMs, remainsNames } from './remains.ts';

export const options = v.object({ reuseAddress: onOff, reusePort: onOff });
export type Options = v.InferOutput<typeof options>;

/** The cells over one leftover of an old socket. */
export const group = v.object({
  remains: v.picklist(remainsNames),
  old: options,
  addresses: v.object({
    old: v.string(),
    new: v.string(),
    peer: v.string(),
    oldV6Only: v.boolean(),
    newV6Only: v.boolean(),
  }),
});
type Group = v.InferOutput<typeof group>;

/** A connection that remains. */
export interface Pair {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** A bind with these succeeds only if the port has no socket. */
const noOptions: Options = { reuseAddress: 'off', reusePort: 'off' };

/** A port for a leftover, and the sockets that were opened to create it. */
export class Place {
  readonly group: Group;
  readonly port: number;
  readonly #held = new Set<number>();

  constructor(group: Group, port: number) {
    this.group = group;
    this.port = port;
  }

  open(address: string): number {
    const fd = this.hold(openSocket(address, 'blocking'));
    setSocketOption(fd, 'SO_RCVTIMEO', cellPatienceMs);
    setSocketOption(fd, 'SO_SNDTIMEO', cellPatienceMs);
    setSocketOption(fd, 'SO_RCVBUF', 2048);
    setSocketOption(fd, 'SO_SNDBUF', 4608);
    return fd;
  }

  /** The old socket, bound with its options. */
  openOld(): number {
    const { old, addresses } = this.group;
    const fd = this.open(addresses.old);
    prepareToBind(fd, bindingOf(addresses.old, old, addresses.oldV6Only));
    bindSocket(fd, { address: addresses.old, port: this.port });
    return fd;
  }

  listen(): number {
    const fd = this.openOld();
    listenOn(fd, 8);
    return fd;
  }

  hold(fd: number): number {
    this.#held.add(fd);
    return fd;
  }

  release(fd: number): void {
    this.#held.delete(fd);
    closeDescriptor(fd);
  }

  releaseAll(): void {
    for (const fd of this.#held) this.release(fd);
  }

  /** Binds a new socket now, and returns the result. */
  bindNew(options: Options): BindingResult {
    const { addresses } = this.group;
    return tryBinding(bindingOf(addresses.new, options, addresses.newV6Only), this.port, 'too');
  }

  isFreeForOld(): boolean {
    const { addresses } = this.group;
    return isFree(bindingOf(addresses.old, noOptions, addresses.oldV6Only), this.port);
  }
}

/** The next port on which neither side's address is taken. */
export function takeFreePort(ports: number[], { addresses }: Group): number {
  const bindings = [addresses.old, addresses.new].map((address) => bindingOf(address, noOptions, false));
  for (let port = ports.shift(); port !== undefined; port = ports.shift()) {
    const candidate = port;
    if (bindings.every((binding) => isFree(binding, candidate))) return port;
  }
  throw new Error('no free port is left for the table');
}

function isFree(binding: Binding, port: number): boolean {
  return tryBinding(binding, port, 'not').bind === 'ok';
}

function bindingOf(host: string, options: Options, v6Only: boolean): Binding {
  return { host, ...options, v6Only: v6Only ? 'on' : 'off' };
}
