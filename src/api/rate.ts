import { UsageError } from '../errors.ts';

/** Requests a second: `100`, `100/s`, `6000/min`. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|min|h))?$/.exec(text.trim());
  const perS = Number(match?.[1]) / ({ s: 1, min: 60, h: 3600 }[match?.[2] ?? 's'] ?? Number.NaN);
  if (match !== null && perS > 0 && perS <= 1e7) return perS;
  throw new UsageError('bad-rate', `"${text}" is not a rate: give one such as 100/s or 6000/min`);
}
