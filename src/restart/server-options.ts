import { basename } from 'node:path';
import type { Harmless } from '../foreign.ts';
import type { Command } from './supervisor.ts';

/** Which of the command's listeners is the server's. */
export type Wanted =
  | { readonly kind: 'any' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'path'; readonly path: Harmless };

/** The user's options for the server. */
export interface ServerOptions {
  readonly command: Command;
  readonly wanted: Wanted;
  /** The file to which a server that goes into the background writes its pid. */
  readonly pidFile: string | undefined;
  /** The path of an HTTP request that is answered when the server is ready; undefined if not used. */
  readonly readyPath: string | undefined;
  /** How long the server may take until it listens. */
  readonly timeoutMs: number;
}

/** Whether the started program stays in the foreground. setsid(1) leaves its program in the background unless it has --wait. */
export function foregroundOf({ command: { words }, pidFile }: ServerOptions): 'yes' | 'no' {
  const [program = '', ...args] = words;
  const first = args.findIndex((arg) => !arg.startsWith('-'));
  const waits = args.slice(0, first < 0 ? args.length : first).some((arg) => /^(--wait|-[a-z]*w)/.test(arg));
  return pidFile !== undefined || (basename(program) === 'setsid' && !waits) ? 'no' : 'yes';
}
