import type { RunDocument } from '../../documents/run.ts';
import { span } from '../../drawing/words.ts';
import { folded, h, section } from '../dom.ts';
import { table } from '../table.ts';
import { chart } from './chart.ts';
import { countsOf } from './parts.ts';

type Sample = RunDocument['steps'][number]['load'][number];

/** Many short connections over time: how fast they came, what they left behind, and how they failed. */
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
          over('connections per second', load, ({ perSecond }) => perSecond),
          over('sockets in TIME_WAIT', load, ({ timeWaits }) => timeWaits),
          over('connections that failed', load, failed),
        ),
        folded('Samples', 'closed', () => [
          table(`Samples of step ${number}`, load, [
            { title: 'after', cell: ({ atMs }) => span(atMs) },
            { title: 'done', kind: 'number', cell: ({ done, of }) => `${done} of ${of}` },
            { title: 'per second', kind: 'number', cell: ({ perSecond }) => String(Math.round(perSecond)) },
            { title: 'TIME_WAIT', kind: 'number', cell: ({ timeWaits }) => timeWaits },
            { title: 'outcomes', cell: ({ outcomes }) => countsOf(Object.entries(outcomes)) },
          ]),
        ]),
      ),
    );
}

function failed({ outcomes }: Sample): number {
  return Object.entries(outcomes).reduce((sum, [name, count]) => sum + (name === 'ok' ? 0 : count), 0);
}

function over(title: string, samples: readonly Sample[], value: (sample: Sample) => number): HTMLElement {
  const points = samples.map((sample) => ({ atMs: sample.atMs, value: value(sample) }));
  return chart(title, points, { endMs: samples.at(-1)?.atMs ?? 1, between: 'moves' });
}
