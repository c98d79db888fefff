import { UsageError } from '../errors.ts';

/** A span of time: milliseconds, or a text as on the command line, such as `30s`. */
export type Duration = number | string;

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000 };

/** setTimeout treats anything longer as 1 ms. */
const longestMs = 2 ** 31 - 1;

/** Parses a span into milliseconds: `500ms`, `30s`, `1.5min`; a bare number counts seconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|min|m|h)?$/.exec(text.trim());
  const ms = Number(match?.[1]) * (units[match?.[2] ?? 's'] ?? Number.NaN);
  if (match !== null && ms <= longestMs) return ms;
  throw new UsageError('bad-duration', `"${text}" is not a duration: give one such as 30s, 500ms or 2min`);
}

/** The same for a time limit, which must be greater than 0. */
export function parseLimit(text: string): number {
  const ms = parseDuration(text);
  if (ms > 0) return ms;
  throw new UsageError('bad-duration', `"${text}" is not a time limit: give more than 0, such as 30s`);
}

/** The milliseconds of a span: a number is milliseconds already. @throws UsageError `bad-duration` */
export function msOf(duration: Duration): number {
  if (typeof duration === 'string') return parseDuration(duration);
  if (duration >= 0 && duration <= longestMs) return duration;
  throw new UsageError(
    'bad-duration',
    `"${duration}" is not a duration: give milliseconds, or a text such as '30s'`,
  );
}

/** The same for a time limit, which must be greater than 0. */
export function limitOf(duration: Duration): number {
  const ms = msOf(duration);
  if (ms > 0) return ms;
  throw new UsageError('bad-duration', `"${duration}" is not a time limit: give more than 0, such as '30s'`);
}
