import { type Harmless, harmless } from './foreign.ts';

const brand = Symbol.for('tcpclose.error');
const isInstance = Function.prototype[Symbol.hasInstance];

/**
 * Every error that tcpclose raises itself. `code` is stable and may be tested for; `message` is one line that names what was
 * wrong and ends with the remedy; what other programs complained of may be in it.
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

// A scenario of the user's own has the package's library, which is a bundle beside the program's: their errors are of one kind.
Object.defineProperty(TcpcloseError, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this !== TcpcloseError) return isInstance.call(this as typeof TcpcloseError, value);
    return value instanceof Error && (value as { [brand]?: true })[brand] === true;
  },
});

/** What the user asked for cannot be done as asked: exit status 2, one line. */
export class UsageError extends TcpcloseError {
  override readonly name = 'UsageError';
}

export function messageOf(error: unknown): Harmless {
  return harmless(error instanceof Error ? error.message : String(error));
}
