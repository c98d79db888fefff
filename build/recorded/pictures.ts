import { lanes, wholeRun } from '../../src/report/drawing/lanes.ts';
import { svgFile } from '../../src/report/drawing/svg-text.ts';
import { demoKind } from '../../src/report/kinds/demo.ts';
import { stops } from '../../src/report/tour/stops.ts';
import { keptDocument, scenarioFile } from './kept.ts';

/** The pictures of docs/tour.md by their files, drawn anew from the documents of recorded runs. */
export function tourPictures(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    stops.map(({ scenario }) => [
      scenarioFile(scenario, 'svg'),
      demoKind.svg?.(keptDocument(scenario)) ?? '',
    ]),
  );
}

/** The widths in which the site has each picture, with the widest window that shows it; the last one is for all others. */
export const sitePictures = [
  { suffix: '-phone', width: 328, upTo: 560 },
  { suffix: '-tablet', width: 640, upTo: 1279 },
  { suffix: '', width: 900, upTo: null },
] as const;

/** The pictures of a scenario by the ends of their files' names. */
export function picturesOf(name: string): readonly { readonly suffix: string; readonly svg: string }[] {
  const run = keptDocument(name);
  return sitePictures.map(({ suffix, width }) => ({
    suffix,
    svg: svgFile(lanes(run, wholeRun(run, width)), demoKind.title(run)),
  }));
}
