import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { missingExamples, outdated } from '../../build/recorded/currency.ts';
import { keptDocument, keptRuns, keptText } from '../../build/recorded/kept.ts';
import { tourPictures } from '../../build/recorded/pictures.ts';
import { tourPage } from '../../build/recorded/tour-page.ts';
import { introductions } from '../../build/site/introductions.ts';
import { commands } from '../../src/cli/commands.ts';
import { type RunDocument, runDocument } from '../../src/report/documents/run.ts';
import { span } from '../../src/report/drawing/words.ts';
import { answerOf } from '../../src/report/tour/stop.ts';
import { stops } from '../../src/report/tour/stops.ts';
import { catalogue, loadEntry } from '../../src/scenario/catalogue.ts';

const loaded = await Promise.all(catalogue().map(loadEntry));

describe('what was recorded (npm run record)', () => {
  test('is a run of each scenario as it is now', () => {
    expect(loaded.map(outdated).filter((why) => why !== null)).toEqual([]);
    expect(Object.keys(keptRuns()).filter((name) => !loaded.some((one) => one.name === name))).toEqual([]);
  });

  test('is a run of each command that help lists', () => {
    expect(missingExamples(commands)).toEqual([]);
  });

  test.each(loaded.map(({ name }) => name))(
    '%s came out as expected, in the steps that are listed',
    (name) => {
      const text = keptText(name);
      expect(text).toMatch(/^(\d+) of \1 as expected; the run took /m);
      const whole = text.replaceAll(/\n {2,3}(?=\S)/g, ' ');
      const steps = keptRuns()[name]?.steps ?? [];
      expect(steps.filter((title, i) => !whole.includes(`${i + 1}  ${title}`))).toEqual([]);
    },
  );

  test('names nothing but the kernel of the machine on which it was made', () => {
    const files = ['scenarios', 'documents', 'commands'].flatMap((folder) =>
      readdirSync(`docs/recorded/${folder}`).map((file) => `docs/recorded/${folder}/${file}`),
    );
    const telling = /\/(?:home|root|work|tmp)\/|npm script/;
    expect(files.filter((file) => telling.test(readFileSync(file, 'utf8')))).toEqual([]);
  });
});

describe('the tour', () => {
  test('in docs/tour.md is that of the program, with the recorded runs (npm run docs)', () => {
    expect(readFileSync('docs/tour.md', 'utf8')).toBe(tourPage());
  });

  test.each(Object.entries(tourPictures()))('has %s as it is drawn now (npm run docs)', (file, picture) => {
    expect(readFileSync(file, 'utf8')).toBe(picture);
  });

  test.each(stops.map((stop) => [stop.scenario, stop] as const))(
    'says about %s only what its document shows',
    (name, stop) => {
      const run = parse(runDocument, keptDocument(name));
      expect(stop.answer(run).flat()).not.toContain(null);
      expectNumbersOf(answerOf(stop, run) ?? [], name);
    },
  );

  test('answers nothing if a run had another result, and leaves out what the run does not show', () => {
    for (const stop of stops) {
      const run = keptDocument(stop.scenario);
      expect(answerOf(stop, { ...run, outcome: 'failed' })).toBeNull();
      const blind = answerOf(stop, { ...run, checks: [], recording: null });
      expect(blind?.join(' ')).not.toMatch(/undefined|null|NaN/);
    }
  });
});

test('the introduction to server-first has no number that its document does not show', () => {
  const run = keptDocument('server-first');
  const text = introductions['server-first']?.(run) ?? [];
  expectNumbersOf(text, 'server-first');
  // The words name these steps by their numbers.
  const binds = run.checks.filter(({ title }) => title === 'with SO_REUSEADDR');
  expect(binds.map(({ step, observed }) => [step, observed.split(/[ :]/)[0]])).toEqual([
    [3, 'bind'],
    [5, 'bind'],
    [7, 'accepted'],
    [8, 'accepted'],
  ]);
});

/** Each number is in the document as it is, or is a gap between two segments, or counts segments or checks of one kind. */
function expectNumbersOf(texts: readonly string[], name: string): void {
  const run = keptDocument(name);
  // Commands, links and the numbers of steps are not measured.
  const text = texts
    .join('\n')
    .replaceAll(
      /```[\s\S]*?```|\]\([^)]*\)|\[[\w-]+\]|"tcpclose [^"]*"|^\d\. |\bsteps? \d+(?: and \d+)?/gim,
      ' ',
    );
  const known = new Set([...numbersIn(JSON.stringify(run)), ...gapsOf(run), ...countsOf(run)]);
  expect(numbersIn(text).filter((number) => !known.has(number))).toEqual([]);
}

function numbersIn(text: string): string[] {
  return [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => String(Number(number)));
}

function gapsOf({ recording }: RunDocument): string[] {
  const times = recording?.connections.flatMap(({ segments }) => segments.map(({ atMs }) => atMs)) ?? [];
  return times.flatMap((a) => times.map((b) => span(b - a))).flatMap(numbersIn);
}

function countsOf({ recording, checks }: RunDocument): string[] {
  const fins = recording?.connections.map(
    ({ segments }) => segments.filter(({ flags, from }) => flags.includes('FIN') && from === 'server').length,
  );
  const binds = checks.filter(({ title }) => title.startsWith('bind with '));
  return [...(fins ?? []), binds.length, binds.filter(({ observed }) => observed === 'ok').length].map(
    String,
  );
}
