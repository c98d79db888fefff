import { XMLParser } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { restartPicture } from '../../src/report/drawing/restart.ts';
import { svgText } from '../../src/report/drawing/svg-text.ts';
import { restartKind } from '../../src/report/kinds/restart.ts';
import { saved } from './saved.ts';

const titlesIn = (svg: string) => [...svg.matchAll(/<title>request (\d+),/g)].map(([, id]) => Number(id));

/** A ring begins with a move. */
const ringsIn = (svg: string) =>
  [...svg.matchAll(/<path d="([^"]*)" class="answered-dot"/g)].map(([, d = '']) => d.split('M').length - 1);

test.each(['restart', 'restart-load', 'restart-reload', 'restart-handover'])(
  'the picture of %s has a ring for each answer with a time, and a cross for each lost request',
  (name) => {
    const document = saved<RestartDocument>(name);
    const loads = document.runs.flatMap(({ load }) => load ?? []);
    const svg = svgText(restartPicture(document));
    expect(titlesIn(svg)).toEqual(loads.flatMap(({ lostRequests }) => lostRequests.map(({ id }) => id)));
    expect(ringsIn(svg)).toEqual(
      loads.flatMap(({ answers = [] }) => answers.map(({ ended }) => ended.length)),
    );
    for (const run of document.runs) expect(svg.includes('>outage')).toBe(run.reload == null);
    expect(svg.includes('>who listens')).toBe(document.runs.some(({ reload }) => reload != null));
  },
);

test('a server that was not served again is drawn so, and its command is harmless text in the file', () => {
  const document = { ...saved<RestartDocument>('restart'), command: ['node', '<b>&'] };
  const svg = restartKind.svg?.(document) ?? '';
  expect(svg).toContain('not served again');
  expect(svg).not.toContain('<b>');
  expect(new XMLParser().parse(svg)).toHaveProperty('svg.title');
});
