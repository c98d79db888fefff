import { existsSync } from 'node:fs';
import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

const mount = libcFunction<[string, string, string, number, null]>(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
);

const tracefs = '/sys/kernel/tracing';

/**
 * The folder of the kernel's tracefs, mounted now where it is not: to be called in a mount namespace of one's own.
 * @throws SystemCallError EPERM without root, ENODEV where the kernel has none
 */
export function tracingFolder(): string {
  if (!existsSync(`${tracefs}/instances`)) failOn('mount', mount('tracefs', tracefs, 'tracefs', 0, null));
  return tracefs;
}
