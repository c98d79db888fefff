import { expect, test } from 'vitest';
import { keptDocument } from '../../../build/recorded/kept.ts';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { timesOf } from '../../../src/report/drawing/collect.ts';
import type { Drawn } from '../../../src/report/drawing/drawn.ts';
import { lanes, wholeRun } from '../../../src/report/drawing/lanes.ts';
import { svgFile } from '../../../src/report/drawing/svg-text.ts';
import { describeSegment, moment, span } from '../../../src/report/drawing/words.ts';
import { partsOf } from './parts.ts';

const runs = ['server-first', 'four-segments', 'client-first', 'simultaneous', 'lost-last-ack'] as const;

test.each(runs.flatMap((name) => [2000, 328].map((width) => ({ name, width }))))(
  'each time and number in the picture of $name is in its document, $width pixels wide',
  ({ name, width }) => {
    const run = keptDocument(name);
    const written = partsOf(drawn(run, width)).flatMap(({ attributes, children }) => [
      attributes['aria-label'] ?? '',
      ...children.filter((child) => typeof child === 'string'),
    ]);
    const known = knownNumbers(run);
    // A figure of Linux, which no run measures.
    const ofLinux = /, about \d+ s more/g;
    const cut = /\d*…/g;
    const unknown = numbersIn(written.join('\n').replaceAll(ofLinux, '').replaceAll(cut, '')).filter(
      (number) => !known.has(number),
    );
    expect(unknown).toEqual([]);
    expect(written.join('\n')).not.toMatch(/undefined|NaN|null/);
  },
);

test.each(runs)(
  'each arrow in the picture of %s is a segment: from its sender, in the order of time',
  (name) => {
    const run = keptDocument(name);
    const all = partsOf(drawn(run));
    const arrows = (run.recording?.connections ?? []).flatMap(({ segments }, of) =>
      segments.map((segment, i) => {
        const found = all.filter((one) => one.attributes['data-key'] === `segment:${of}:${i}`);
        expect(found).toHaveLength(1);
        const [line] = found.flatMap(partsOf).filter(({ tag }) => tag === 'line');
        const { x1, y1, y2 } = line?.attributes ?? {};
        // The client's states are drawn above those of the server.
        expect(Number(y2) > Number(y1), `${segment.from}: ${y1} to ${y2}`).toBe(segment.from === 'client');
        expect(found[0]?.attributes['aria-label']).toContain(moment(segment.atMs));
        return { x: Number(x1), atMs: segment.atMs };
      }),
    );
    const places = arrows.toSorted((a, b) => a.atMs - b.atMs).map(({ x }) => x);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(arrows.length).toBeGreaterThan(5);
  },
);

test.each(runs)(
  'in the picture of %s no state begins after the segment that its socket sends in it',
  (name) => {
    const run = keptDocument(name);
    const all = partsOf(drawn(run));
    const xOf = (key: string, tag: string, attribute: string) => {
      const found = all.filter((one) => one.attributes['data-key'] === key).flatMap(partsOf);
      const shape = found.find((one) => one.tag === tag && one.attributes['class'] !== 'fill unsure');
      return Number(shape?.attributes[attribute]);
    };
    const compared = (run.recording?.connections ?? []).flatMap(({ segments, transitions }, of) =>
      (['client', 'server'] as const).map((side) => {
        const sent = segments.findIndex(({ from, flags }) => from === side && flags.includes('SYN'));
        const begun = transitions.findIndex((one) => one.side === side && /^SYN_/.test(one.to ?? ''));
        expect(xOf(`state:${of}:${begun}`, 'rect', 'x')).toBeLessThanOrEqual(
          xOf(`segment:${of}:${sent}`, 'line', 'x1'),
        );
        const label = all.find((one) => one.attributes['data-key'] === `state:${of}:${begun}`);
        // Nothing says when a connecting socket was made.
        expect(label?.attributes['aria-label']).toMatch(
          / or before, for (at least|an unknown time)|between|at [\d.]+ ms, for/,
        );
        return side;
      }),
    );
    expect(compared.length).toBeGreaterThan(1);
  },
);

test('the picture of server-first has words at each SYN, FIN and failed bind, numbers equal names, and says how long TIME_WAIT lasts', () => {
  const run = keptDocument('server-first');
  const all = partsOf(drawn(run));
  const words = all.filter(({ tag }) => tag === 'text').map(({ children }) => String(children[0]));
  const flagged = (recorded: RunDocument['recording'], flags: readonly string[]) =>
    (recorded?.connections ?? [])
      .flatMap(({ segments }) => segments)
      .filter((one) => flags.some((flag) => one.flags.some((own) => own === flag))).length;
  expect(words.filter((one) => /^(SYN|FIN|RST)( ACK)?( seq .*)?$/.test(one))).toHaveLength(
    flagged(run.recording, ['SYN', 'FIN', 'RST']),
  );
  const failed = run.checks.filter(({ observed }) => observed.includes('(EADDRINUSE)'));
  expect(words.filter((one) => one === 'EADDRINUSE').length).toBe(failed.length);
  expect(words).toEqual(
    expect.arrayContaining(['restarted server 1', 'restarted server 2', 'new client 1', 'new client 2']),
  );
  const labels = all.flatMap(({ attributes }) => attributes['aria-label'] ?? []);
  expect(
    labels.filter((one) => /^TIME_WAIT.*still there.*, about \d+ s more/.test(one)).length,
  ).toBeGreaterThan(0);
  expect(labels.filter((one) => one.includes('bind failed (EADDRINUSE), as expected')).length).toBe(
    failed.length,
  );
  for (const [index, check] of run.checks.entries()) {
    const sign = all.find(({ attributes }) => attributes['data-key'] === `bind:${index}`);
    expect(sign?.attributes['aria-label'] ?? null).toBe(
      failed.includes(check)
        ? `Bind tried, seen at ${moment(check.atMs)}: ${check.title}: failed with EADDRINUSE`
        : null,
    );
  }
  expect(labels.join('\n')).toContain('is sent SIGINT');
  expect(labels.join('\n')).not.toContain('kill SIGINT');
});

test.each(runs.flatMap((name) => [1100, 320].map((width) => ({ name, width }))))(
  'what has no room for its words in the picture of $name, $width pixels wide, has them in its title',
  ({ name, width }) => {
    const run = keptDocument(name);
    const file = svgFile(drawn(run, width), 'a picture');
    const titles = new Map(
      [...file.matchAll(/data-key="([^"]+)"><title>([^<]+)</g)].map(([, key, title]) => [key, title]),
    );
    expect(file).not.toContain('aria-label=');
    const connections = run.recording?.connections ?? [];
    for (const [of, { segments, transitions }] of connections.entries()) {
      for (const [i, segment] of segments.entries())
        expect(titles.get(`segment:${of}:${i}`)).toContain(`${describeSegment(segment)}, `);
      for (const [i, { to }] of transitions.entries())
        if (to !== null) expect(titles.get(`state:${of}:${i}`)).toContain(`${to}, `);
    }
    for (const { number, title } of run.steps.filter(({ number }) => number > 0))
      expect(titles.get(`step:${number}`)).toContain(title.replaceAll('"', '&quot;'));
    for (const [i, { title }] of run.checks.entries()) expect(titles.get(`check:${i}`)).toContain(title);
  },
);

test('words that have no room after an arrow stand before it, as those of data at the end of the run', () => {
  const run = keptDocument('server-first');
  const words = partsOf(drawn(run, 860)).filter(({ attributes }) => attributes['class'] === 'flags end');
  expect(words.length).toBeGreaterThan(0);
  const shown = partsOf(drawn(run, 1100)).filter(({ attributes }) =>
    /^flags/.test(attributes['class'] ?? ''),
  );
  const all = (run.recording?.connections ?? []).flatMap(({ segments }) => segments);
  const withData = all.filter(({ length }) => length > 0);
  expect(shown.filter(({ children }) => /^PSH ACK/.test(String(children[0])))).toHaveLength(withData.length);
});

function drawn(run: RunDocument, width = 2000): Drawn {
  return lanes(run, wholeRun(run, width));
}

/** Those of the document, its times as pictures write them, and the gaps between two of them. */
function knownNumbers(run: RunDocument): Set<string> {
  const bounds = (run.recording?.connections ?? []).flatMap(({ transitions }) =>
    transitions.flatMap(({ notBeforeMs }) => notBeforeMs ?? []),
  );
  const times = [...timesOf(run), ...bounds];
  const gaps = times.flatMap((a) => times.filter((b) => b >= a).map((b) => span(b - a)));
  const shown = times.flatMap((ms) => [moment(ms), ms.toFixed(2), ms.toFixed(1), ms.toFixed(0)]);
  return new Set(numbersIn([JSON.stringify(run), ...gaps, ...shown].join(' ')));
}

function numbersIn(text: string): string[] {
  return [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => String(Number(number)));
}
