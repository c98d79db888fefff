import type { SocketOption } from '../native/options.ts';

/**
 * Options for both sides of a connection whose buffers the scenario fills: with the kernel's smallest buffers a few kilobytes close the
 * window, and a FIN behind them waits until the other side reads.
 */
export const behindZeroWindow: Readonly<Partial<Record<SocketOption, number>>> = {
  SO_RCVBUF: 2048,
  SO_SNDBUF: 4608,
};
