import { existsSync } from 'node:fs';
import { libc } from './libc.ts';

const tracefs = '/sys/kernel/tracing';

/**
 * The folder of the kernel's tracefs, mounted now where it is not: to be called in a mount namespace of one's own.
 * @throws SystemCallError EPERM without root, ENODEV where the kernel has none
 */
export function tracingFolder(): string {
  if (!existsSync(`${tracefs}/instances`)) libc.mount('tracefs', tracefs, 'tracefs', 0, null);
  return tracefs;
}
