import { existsSync } from 'node:fs';
import { libc } from './libc.ts';

const tracefs = '/sys/kernel/tracing';

/**
 * The folder of the kernel's tracefs, which is mounted now if necessary. Call it in a private mount namespace.
 * @throws SystemCallError EPERM without root, ENODEV if the kernel has none
 */
export function tracingFolder(): string {
  if (!existsSync(`${tracefs}/instances`)) libc.mount('tracefs', tracefs, 'tracefs', 0, null);
  return tracefs;
}
