import type { RestartDocument } from '../../documents/restart.ts';
import { outages } from '../../drawing/outages.ts';
import { h, mount, section, wide } from '../dom.ts';
import { redrawn } from '../fit.ts';
import { widthFor } from '../room.ts';

/** How long no client was served, in each round of each way to restart, on one linear scale. */
export function outagePicture(runs: RestartDocument['runs']): readonly HTMLElement[] {
  if (runs.length === 0) return [];
  return [
    section(
      'The outage',
      h(
        'p',
        { class: 'note' },
        'From the signal to the first connection that was accepted, or to the first request of a load that was answered: both are tried again and again, so the outage is not longer. The grey part is the time until the old server had ended. Of several rounds each is a mark, and the bar is their median.',
      ),
      redrawn(wide('Outage'), () => mount(outages(runs, widthFor(1000)))),
    ),
  ];
}
