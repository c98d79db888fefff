import type { SocketOption } from '../native/options.ts';

/**
 * Options for both sides of a connection whose buffers the scenario fills: with the smallest buffers of the kernel
 * a few kilobytes close the window, and a FIN behind them waits until the other side reads.
 */
export const behindZeroWindow: Readonly<Partial<Record<SocketOption, number>>> = {
  SO_RCVBUF: 2048,
  SO_SNDBUF: 4608,
};
