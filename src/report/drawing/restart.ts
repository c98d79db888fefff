import type { RestartDocument } from '../documents/restart.ts';
import { titleOf } from '../restart/words.ts';
import { type Drawn, draw, svg, text } from './drawn.ts';
import { listeners } from './listeners.ts';
import { outages } from './outages.ts';
import { type Band, stacked } from './parts.ts';
import { requests } from './requests.ts';

const width = 1100;
const [margin, titleHeight] = [12, 30];

/** The outages of a restart, who listened over a reload, and each request of a load at its time: one below the other. */
export function restartPicture({ runs }: RestartDocument): Drawn {
  const withOutage = runs.filter(({ reload }) => reload == null);
  const parts = [
    ...(withOutage.length === 0
      ? []
      : [
          part(
            'outage: from the signal until a connection was accepted; grey: until the old server had ended',
            outages(withOutage, width),
          ),
        ]),
    ...runs.flatMap((run) => {
      const { reload, load } = run;
      const hasRequests = load !== null && (load.lostRequests.length > 0 || load.answers !== undefined);
      return [
        ...(reload == null ? [] : [part(`who listens: ${titleOf(run)}`, listeners(reload, load, width))]),
        ...(hasRequests
          ? [part(`requests, ${load.lost} of ${load.requests} lost: ${titleOf(run)}`, requests(load, width))]
          : []),
      ];
    }),
  ];
  const { height, drawn } = stacked(parts, margin, margin);
  return svg({ width, height, class: 'lanes' }, ...drawn);
}

function part(title: string, { attributes, children }: Drawn): Band {
  const drawing = draw('g', { transform: `translate(0 ${titleHeight})` }, ...children);
  return {
    height: titleHeight + Number(attributes['height']),
    drawn: [text(margin, 18, 'on', title), drawing],
  };
}
