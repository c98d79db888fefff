import type { RestartDocument } from '../../documents/restart.ts';
import { outages } from '../../drawing/outages.ts';
import { span } from '../../drawing/words.ts';
import { h, mount, section, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { widthFor } from '../room.ts';

type Run = RestartDocument['runs'][number];

/** How long nobody was served, in each round of each way to restart, on one linear scale. */
export function outagePicture(runs: readonly Run[]): readonly HTMLElement[] {
  if (runs.length === 0) return [];
  return [
    section(
      'The outage',
      h(
        'p',
        { class: 'note' },
        'From the signal to the first connection that was accepted: tcpclose tries again and again, so the outage is not longer. The grey part is the time until the old server had ended. Of several rounds each is a mark, and the bar is their median.',
      ),
      ...earlier(runs),
      redrawn(wide('Outage'), () => mount(outages(runs, widthFor(1000)))),
    ),
  ];
}

/** Requests are sent more often than tcpclose tries by itself, and so they bound the outage better. */
function earlier(runs: readonly Run[]): HTMLElement[] {
  return runs.flatMap((run) => {
    const answered = run.load?.timeline.answers ?? null;
    if (answered === null || run.outageMs === null || answered >= run.outageMs) return [];
    return [
      h(
        'p',
        { class: 'note' },
        `Under load a request was answered before that, ${span(answered)} after the signal.`,
      ),
    ];
  });
}
