import { scaleLinear } from 'd3-scale';
import type { RunDocument } from '../../documents/run.ts';
import { type Drawn, draw, line, text } from '../../drawing/drawn.ts';
import { span } from '../../drawing/words.ts';
import { folded, h, mount, section } from '../dom.ts';
import { table } from '../table.ts';

type Sample = RunDocument['steps'][number]['load'][number];

/** Many short connections: how fast they came, what they left, and how they failed, over time. */
export function loadSection({ steps }: RunDocument): readonly HTMLElement[] {
  return steps
    .filter(({ load }) => load.length > 1)
    .map(({ number, title, load }) =>
      section(
        `Load of step ${number}`,
        h('p', { class: 'note' }, title),
        h(
          'div',
          { class: 'charts' },
          chart('connections per second', load, ({ perSecond }) => perSecond),
          chart('sockets in TIME_WAIT', load, ({ timeWaits }) => timeWaits),
          chart('connections that failed', load, failed),
        ),
        folded('Samples', 'closed', () => [
          table(`Samples of step ${number}`, load, [
            { title: 'after', cell: ({ atMs }) => span(atMs) },
            { title: 'done', kind: 'number', cell: ({ done, of }) => `${done} of ${of}` },
            { title: 'per second', kind: 'number', cell: ({ perSecond }) => String(Math.round(perSecond)) },
            { title: 'TIME_WAIT', kind: 'number', cell: ({ timeWaits }) => String(timeWaits) },
            {
              title: 'outcomes',
              cell: ({ outcomes }) =>
                Object.entries(outcomes)
                  .map(([name, count]) => `${name} ${count}`)
                  .join(', '),
            },
          ]),
        ]),
      ),
    );
}

function failed({ outcomes }: Sample): number {
  return Object.entries(outcomes).reduce((sum, [name, count]) => sum + (name === 'ok' ? 0 : count), 0);
}

const size = { width: 360, height: 150, left: 52, bottom: 24, top: 12 };

function chart(title: string, samples: readonly Sample[], value: (sample: Sample) => number): HTMLElement {
  const most = Math.max(1, ...samples.map(value));
  const end = samples.at(-1)?.atMs ?? 1;
  const x = scaleLinear([0, end], [size.left, size.width - 8]);
  const y = scaleLinear([0, most], [size.height - size.bottom, size.top]).nice(3);
  const points = samples.map((sample) => `${x(sample.atMs).toFixed(1)} ${y(value(sample)).toFixed(1)}`);
  const grid: Drawn[] = y
    .ticks(3)
    .flatMap((tick) => [
      line(size.left, y(tick), size.width - 8, y(tick), 'grid'),
      text(size.left - 6, y(tick) + 4, 'tiny end', String(tick)),
    ]);
  const svg = mount(
    draw(
      'svg',
      {
        viewBox: `0 0 ${size.width} ${size.height}`,
        class: 'chart',
        role: 'img',
        'aria-label': `${title}: at most ${most} in ${span(end)}`,
      },
      ...grid,
      draw('path', { d: `M${points.join('L')}`, class: 'curve' }),
      text(size.left, size.height - 6, 'tiny', '0'),
      text(size.width - 8, size.height - 6, 'tiny end', span(end)),
    ),
  );
  return h('figure', {}, h('figcaption', {}, title), svg);
}
