/** A span, or a moment since a watch began, in milliseconds, as looking has found it: no shorter and no longer than this. */
export interface Measured {
  readonly leastMs: number;
  readonly mostMs: number;
}
