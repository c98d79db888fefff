import { type Harmless, harmless } from './foreign.ts';

const brand = Symbol.for('tcpclose.error');
const isInstance = Function.prototype[Symbol.hasInstance];

/**
 * Every error that tcpclose raises itself. `code` is stable, for programs; `message` is one line that says what is wrong, then what to do.
 * It may quote other programs.
 */
export class TcpcloseError extends Error {
  override readonly name: string = 'TcpcloseError';
  readonly code: string;
  readonly [brand] = true;

  constructor(code: string, message: string, cause?: unknown) {
    super(harmless(message), cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

// The user's own scenario imports the package's library, a separate bundle from the program: errors of both are instances of each.
Object.defineProperty(TcpcloseError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== TcpcloseError) return isInstance.call(this as typeof TcpcloseError, value);
    return value instanceof Error && (value as { [brand]?: true })[brand] === true;
  },
});

/** The user asked for something impossible: one line, exit status 2. */
export class UsageError extends TcpcloseError {
  override readonly name = 'UsageError';
}

export function messageOf(error: unknown): Harmless {
  return harmless(error instanceof Error ? error.message : String(error));
}
