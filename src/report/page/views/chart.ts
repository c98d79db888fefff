import { scaleLinear } from 'd3-scale';
import { type Drawn, draw, line, text } from '../../drawing/drawn.ts';
import { span } from '../../drawing/words.ts';
import { h, mount } from '../dom.ts';

interface Point {
  readonly atMs: number;
  readonly value: number;
}

const size = { width: 360, height: 150, left: 52, bottom: 24, top: 12 };

/** A number over time. `holds`: it keeps its value until the next point; `moves`: it moves towards the next point. */
export function chart(
  title: string,
  points: readonly Point[],
  { endMs, between }: { readonly endMs: number; readonly between: 'holds' | 'moves' },
): HTMLElement {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const x = scaleLinear([0, endMs], [size.left, size.width - 8]);
  const y = scaleLinear([0, most], [size.height - size.bottom, size.top]).nice(3);
  // A value that holds is a count, which has no halves.
  const grid: Drawn[] = y
    .ticks(3)
    .filter((tick) => between === 'moves' || Number.isInteger(tick))
    .flatMap((tick) => [
      line(size.left, y(tick), size.width - 8, y(tick), 'grid'),
      text(size.left - 6, y(tick) + 4, 'tiny end', String(tick)),
    ]);
  const [first, ...others] = points;
  const place = ({ atMs, value }: Point) => [x(atMs).toFixed(1), y(value).toFixed(1)] as const;
  const path =
    first === undefined
      ? ''
      : `M${place(first).join(' ')}${others
          .map((point) => {
            const [toX, toY] = place(point);
            return between === 'holds' ? `H${toX}V${toY}` : `L${toX} ${toY}`;
          })
          .join('')}${between === 'holds' ? `H${x(endMs).toFixed(1)}` : ''}`;
  const svg = mount(
    draw(
      'svg',
      {
        viewBox: `0 0 ${size.width} ${size.height}`,
        class: 'chart',
        role: 'img',
        'aria-label': `${title}: at most ${Math.round(most * 10) / 10} in ${span(endMs)}`,
      },
      ...grid,
      draw('path', { d: path, class: 'curve' }),
      text(size.left, size.height - 6, 'tiny', '0'),
      text(size.width - 8, size.height - 6, 'tiny end', span(endMs)),
    ),
  );
  return h('figure', {}, h('figcaption', {}, title), svg);
}
