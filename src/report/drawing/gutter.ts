import { type Drawn, fitted, text } from './drawn.ts';

const size = 11;

/** Where the names of the rows stand: left of them, or above them if the picture is narrow. */
export interface Gutter {
  /** Where the rows begin. */
  readonly left: number;
  /** The height that a name takes above its row. */
  readonly above: number;
}

export function gutterFor(width: number): Gutter {
  if (width < 560) return { left: 4, above: 16 };
  return { left: width < 660 ? 88 : 132, above: 0 };
}

/** The name of a row. Its baseline is at `beside` if it is left of the row, and at `over` if it is above. */
export function rowName({ left, above }: Gutter, beside: number, over: number, name: string): Drawn {
  return above === 0
    ? text(left - 8, beside, 'small end', fitted(name, left - 10, size))
    : text(left, over, 'small', name);
}
