import * as v from 'valibot';

/** A regular expression in the form of a message. */
export const pattern = v.object({ source: v.string(), flags: v.string() });
export type Pattern = v.InferOutput<typeof pattern>;

export function patternOf({ source, flags }: RegExp): Pattern {
  return { source, flags };
}

export function regexOf({ source, flags }: Pattern): RegExp {
  return new RegExp(source, flags);
}
