/**
 * The program of a peer: a process with a real net.Server or net.Socket in it. It serves calls on standard input, and ends with it, so no
 * peer outlives tcpclose.
 */
import { writeFileSync } from 'node:fs';
import { serve } from '../rpc/server.ts';
import { describeSystemError } from '../system-error.ts';
import { writeWhole } from '../write-whole.ts';
import { methods } from './methods.ts';

// The name that ss shows; newer releases of Node show the name of their main thread.
try {
  writeFileSync('/proc/self/comm', 'node');
} catch (error) {
  writeWhole(2, `${describeSystemError(error) ?? error}\n`);
  process.exit(1);
}
serve(methods, () => process.exit());
