import { type Harmless, harmless } from './foreign.ts';

/**
 * Every error that tcpclose raises itself. `code` is stable and may be tested for; `message` is one line that names what was
 * wrong and ends with the remedy; what other programs complained of may be in it.
 */
export class TcpcloseError extends Error {
  override readonly name: string = 'TcpcloseError';
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(harmless(message), cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** What the user asked for cannot be done as asked: exit status 2, one line. */
export class UsageError extends TcpcloseError {
  override readonly name = 'UsageError';
}

export function messageOf(error: unknown): Harmless {
  return harmless(error instanceof Error ? error.message : String(error));
}
