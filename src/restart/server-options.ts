import { basename } from 'node:path';
import type { Harmless } from '../foreign.ts';
import type { Command } from './supervisor.ts';

/** Which of the command's listeners is meant. */
export type Wanted =
  | { readonly kind: 'any' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'path'; readonly path: Harmless };

/** The user's options about the server. */
export interface ServerOptions {
  readonly command: Command;
  readonly wanted: Wanted;
  /** Where a server that goes into the background writes its pid. */
  readonly pidFile: string | undefined;
  /** The path that answers an HTTP request when the server is ready; undefined if that is not awaited. */
  readonly readyPath: string | undefined;
  /** How long it may take to listen. */
  readonly timeoutMs: number;
}

/** setsid(1) leaves its program in the background unless it has --wait. */
export function foregroundOf({ command: { words }, pidFile }: ServerOptions): 'yes' | 'no' {
  const [program = '', ...args] = words;
  const first = args.findIndex((arg) => !arg.startsWith('-'));
  const waits = args.slice(0, first < 0 ? args.length : first).some((arg) => /^(--wait|-[a-z]*w)/.test(arg));
  return pidFile !== undefined || (basename(program) === 'setsid' && !waits) ? 'no' : 'yes';
}
