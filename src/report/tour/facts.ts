/** Facts of a run, for sentences about it; undefined if the run has not shown them. */
import type { RunDocument } from '../documents/run.ts';
import { type Segment, span } from '../drawing/words.ts';

/** A sentence with facts in it; null if one of them is unknown, so that only what was seen is reported. */
export function ifKnown(
  words: TemplateStringsArray,
  ...facts: readonly (string | number | undefined)[]
): string | null {
  if (facts.some((fact) => fact === undefined)) return null;
  return words.reduce((text, part, i) => `${text}${facts[i - 1]}${part}`);
}

/** What a check observed: the first check of that title, or the first whose observation also matches. */
export function observed(run: RunDocument, title: string, looks: RegExp = /(?:)/): string | undefined {
  return run.checks.find((check) => check.title === title && looks.test(check.observed))?.observed;
}

/** The time left of TIME_WAIT when a check looked at that side: `59 s`. */
export function timeLeft(run: RunDocument, title: string): string | undefined {
  return /(\d[\d.]* m?s) left/.exec(observed(run, title, /^TIME_WAIT/) ?? '')?.[1];
}

/** How many checks of these titles had this result. */
export function counted(run: RunDocument, title: RegExp, looks: RegExp): number {
  return run.checks.filter((check) => title.test(check.title) && looks.test(check.observed)).length;
}

/** The segments of the nth connection; none if nothing was recorded. */
export function segments(run: RunDocument, connection: number): readonly Segment[] {
  return run.recording?.connections[connection]?.segments ?? [];
}

/** What was sent in the name of a side, in any connection: a scenario may need several until the numbers fit. */
export function replays({ recording }: RunDocument): readonly Segment[] {
  const all = recording?.connections.flatMap((connection) => connection.segments) ?? [];
  return all.filter(({ source }) => source === 'replay');
}

export const isFin = ({ flags }: Segment): boolean => flags.includes('FIN');

/** The gaps between segments of one kind, in words: the first and the last. */
export function gaps(all: readonly Segment[]): { readonly first?: string; readonly last?: string } {
  const between = all.slice(1).map(({ atMs }, i) => atMs - (all[i]?.atMs ?? 0));
  const [first, last] = [between[0], between.at(-1)];
  return first === undefined || last === undefined ? {} : { first: span(first), last: span(last) };
}
