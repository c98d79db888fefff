import { attempt } from './call.ts';
import { setSocketOption } from './options.ts';
import { bindSocket, closeDescriptor, isIPv6Socket, listenOn, openSocket } from './socket.ts';

/** An address to bind, and the options that decide whether bind succeeds. */
export interface Binding {
  readonly host: string;
  readonly reuseAddress: 'on' | 'off';
  readonly reusePort: 'on' | 'off';
  /** IPV6_V6ONLY (default: the system default). */
  readonly v6Only?: 'on' | 'off' | undefined;
}

/** The result of each call: `ok` or errno; null for a call that was not made. */
export interface BindingResult {
  readonly bind: string;
  readonly listen: string | null;
}

/** Tries bind(2), and optionally listen(2), with another socket, which it closes at once. */
export function tryBinding(binding: Binding, port: number, listen: 'too' | 'not'): BindingResult {
  const fd = openSocket(binding.host, 'non-blocking');
  try {
    const bindFailure = attempt(() => {
      prepareToBind(fd, binding);
      bindSocket(fd, { address: binding.host, port });
    });
    if (bindFailure !== null) return { bind: bindFailure.errno, listen: null };
    if (listen === 'not') return { bind: 'ok', listen: null };
    return { bind: 'ok', listen: attempt(() => listenOn(fd, 1))?.errno ?? 'ok' };
  } finally {
    closeDescriptor(fd);
  }
}

/** Sets the options that decide bind(2). @throws SystemCallError */
export function prepareToBind(fd: number, { host, reuseAddress, reusePort, v6Only }: Binding): void {
  setSocketOption(fd, 'SO_REUSEADDR', reuseAddress === 'on' ? 1 : 0);
  if (reusePort === 'on') setSocketOption(fd, 'SO_REUSEPORT', 1);
  if (v6Only !== undefined && isIPv6Socket(host)) setSocketOption(fd, 'IPV6_V6ONLY', v6Only === 'on' ? 1 : 0);
}
