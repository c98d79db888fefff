import { messageOf, UsageError } from '../errors.ts';

/** A line of output that says that a server is ready. @throws UsageError `bad-regex` */
export function regexOf(ready: RegExp | string | undefined): RegExp | undefined {
  return typeof ready === 'string' ? parseRegex(ready) : ready;
}

export function parseRegex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(
      'bad-regex',
      `"${text}" is not a regular expression (${messageOf(error)}): correct it`,
      error,
    );
  }
}
