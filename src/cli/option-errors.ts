import type { Option } from 'commander';
import { TcpcloseError, UsageError } from '../errors.ts';

/** Prefixes a parser's error with its option, because several options take values of the same kind. */
export function nameInErrors(options: readonly Option[]): void {
  for (const option of options) {
    const { parseArg, long, short } = option;
    if (parseArg === undefined) continue;
    option.argParser((text, previous) => {
      try {
        return parseArg(text, previous);
      } catch (error) {
        if (!(error instanceof TcpcloseError)) throw error;
        throw new UsageError(error.code, `${long ?? short}: ${error.message}`, error);
      }
    });
  }
}
