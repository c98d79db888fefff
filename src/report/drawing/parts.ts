/** What several pictures have in common. */
import type { ScaleContinuousNumeric } from 'd3-scale';
import { type Drawn, draw, fitted, line, svg, text, widthOf } from './drawn.ts';
import { span } from './words.ts';

/** A part of a picture, which begins at 0, and its height. */
export interface Band {
  readonly height: number;
  readonly drawn: readonly Drawn[];
}

/** Bands one below the other, with as much room above the first as `top`. */
export function stacked(bands: readonly Band[], top: number, gap = 0): Band {
  let height = top;
  const drawn = bands.map((band) => {
    const group = draw('g', { transform: `translate(0 ${height})` }, ...band.drawn);
    height += band.height + gap;
    return group;
  });
  return { height, drawn };
}

export interface Room {
  readonly width: number;
  /** Where the bars begin. */
  readonly left: number;
  /** Whether the names of the bars are beside them; in a narrow picture they are above. */
  readonly beside: boolean;
}

/** The room of a picture whose names need `left` pixels. */
export function roomOf(width: number, left: number): Room {
  return width < left + 320 ? { width, left: 4, beside: false } : { width, left, beside: true };
}

export type Scale = ScaleContinuousNumeric<number, number>;

/** An SVG element. `label` describes it to readers who cannot see it. */
export function picture(
  { width, height, label }: { readonly width: number; readonly height: number; readonly label: string },
  ...children: readonly Drawn[]
): Drawn {
  return svg({ width, height, class: 'lanes', role: 'img', 'aria-label': label }, ...children);
}

/** The name of a row; the height of its text depends on whether it is beside or above the row. */
export function rowName({ left, beside }: Room, besideY: number, aboveY: number, name: string): Drawn {
  return beside
    ? text(left - 10, besideY, 'small end', fitted(name, left - 12, 11))
    : text(left, aboveY, 'small', name);
}

/** Words centred above or below a position, and moved if an edge would cut them. */
export function within(x: number, y: number, width: number, kind: 'small' | 'tiny', words: string): Drawn {
  const half = widthOf(words, kind === 'small' ? 11 : 10) / 2;
  return text(Math.min(Math.max(x, half), width - half), y, `${kind} middle`, words);
}

/** Vertical lines at round times, with the time below if it does not overlap the previous one. */
export function timeGrid(
  x: Scale,
  count: number,
  { top, bottom }: { readonly top: number; readonly bottom: number },
  words: (ms: number) => string = span,
): Drawn[] {
  let free = Number.NEGATIVE_INFINITY;
  return x.ticks(count).flatMap((ms) => {
    const half = widthOf(words(ms), 10) / 2;
    const at = Math.max(half, x(ms));
    const fits = at - half > free;
    if (fits) free = at + half + 4;
    return [
      line(x(ms), top, x(ms), bottom, 'grid'),
      ...(fits ? [text(at, bottom + 15, 'tiny middle', words(ms))] : []),
    ];
  });
}

interface Moment {
  readonly name: string;
  readonly at: number;
}

/** The moments whose time is known. */
export function known(moments: readonly (readonly [name: string, at: number | null])[]): Moment[] {
  return moments.flatMap(([name, at]) => (at === null ? [] : [{ name, at }]));
}

/** The height of the names of the moments above the picture. */
export const momentHeight = 14;

/** A vertical line at each moment, with its name above the others. */
export function momentLines(moments: readonly Moment[], x: Scale, { width }: Room, bottom: number): Drawn[] {
  return moments.flatMap(({ name, at }, i) => {
    const atRight = x(at) > width - 150;
    const words = at === 0 ? name : `${name} ${span(at)}`;
    return [
      line(x(at), 10 + i * momentHeight, x(at), bottom, 'round'),
      text(x(at) + (atRight ? -4 : 4), 14 + i * momentHeight, atRight ? 'small end' : 'small', words),
    ];
  });
}
