import { messageOf, UsageError } from '../errors.ts';

/**
 * A regular expression, or a text as on the command line.
 * @throws UsageError `bad-regex`
 */
export function regexOf(regex: RegExp | string): RegExp {
  return typeof regex === 'string' ? parseRegex(regex) : regex;
}

/** The notation of JavaScript with flags. */
const delimited = /^\/(?<source>.+)\/(?<flags>[a-z]*)$/s;

/**
 * `^ok` without flags, or `/^ok/i` with flags.
 * @throws UsageError `bad-regex`
 */
export function parseRegex(text: string): RegExp {
  const { source = text, flags = '' } = delimited.exec(text)?.groups ?? {};
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new UsageError(
      'bad-regex',
      `"${text}" is not a regular expression (${messageOf(error)}): correct it`,
      error,
    );
  }
}
