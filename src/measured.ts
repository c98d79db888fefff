/** The limits of a span, or of a moment since a watch began, in milliseconds, as found by polling. */
export interface Measured {
  readonly leastMs: number;
  readonly mostMs: number;
}
