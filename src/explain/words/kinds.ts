/** The kinds of words, in the order in which they are listed. */
export const wordKinds = [
  'state',
  'term',
  'errno',
  'socket option',
  'setting',
  'counter',
  'finding',
  'idle timeout',
] as const;

export type WordKind = (typeof wordKinds)[number];
