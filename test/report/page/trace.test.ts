import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunDocument } from '../../../src/report/documents/run.ts';
import { traceOf } from '../../../src/report/trace.ts';
import { unless } from '../../support/skips.ts';
import { saved } from '../saved.ts';
import { closeBrowser, newPage, noBrowser } from './browser.ts';

afterAll(closeBrowser);

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id?: unknown;
  readonly args?: { readonly name?: string };
}

const run = saved<RunDocument>('run');
const eventsOf = (document: RunDocument) =>
  (JSON.parse(traceOf(document)) as { traceEvents: TraceEvent[] }).traceEvents;
const connections = run.recording?.connections ?? [];

/** What Perfetto asks of a trace, after its importer: src/trace_processor/importers/json/json_trace_parser_impl.cc */
describe('the trace of a run, as Perfetto reads it', () => {
  test('has an arrow for each segment that was heard: a numeric id of its own, from one thread to another', () => {
    const flows = eventsOf(run).filter(({ ph }) => ph === 's' || ph === 'f');
    const heard = connections.flatMap(({ segments }) => segments).filter(({ unheard }) => !unheard);
    const ids = [...new Set(flows.map(({ id }) => id))];
    expect(ids.every(Number.isSafeInteger)).toBe(true);
    expect(ids).toHaveLength(heard.length);
    for (const one of ids) {
      const ends = flows.filter(({ id }) => id === one);
      expect(ends.map(({ ph }) => ph)).toEqual(['s', 'f']);
      expect(new Set(ends.map(({ tid }) => tid)).size).toBe(2);
    }
  });

  test('has slices that lie beside or within each other, however their times are rounded', () => {
    const third = 1 / 3000;
    const connection = connections[0];
    const transitions = connection?.transitions.map((one, i) => ({ ...one, atMs: 10 + i * third }));
    const recording = { ...run.recording, connections: [{ ...connection, transitions }] };
    for (const events of [eventsOf(run), eventsOf({ ...run, recording } as RunDocument)]) {
      const slices = events.filter(({ ph }) => ph === 'X');
      expect(slices.every(({ ts, dur }) => Number.isInteger(ts) && Number.isInteger(dur))).toBe(true);
      const crossing = slices.flatMap((a) =>
        slices
          .filter((b) => b.tid === a.tid && a.ts < b.ts && b.ts < a.ts + a.dur && b.ts + b.dur > a.ts + a.dur)
          .map((b) => `${a.name} and ${b.name}`),
      );
      expect(crossing).toEqual([]);
    }
  });

  test('numbers each thread but once, and names it', () => {
    const events = eventsOf(run);
    const named = events.filter(({ name }) => name === 'thread_name').map(({ tid }) => tid);
    expect(new Set(named).size).toBe(named.length);
    const used = new Set(events.filter(({ ph }) => ph !== 'M').map(({ tid }) => tid));
    expect([...used].filter((tid) => !named.includes(tid))).toEqual([]);
  });
});

describe('the trace of a run, in speedscope', unless(noBrowser), () => {
  test('opens: steps, processes and the states of both ends are profiles', async () => {
    const folder = join(
      dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
      'dist/release',
    );
    const page = await newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('dialog', (dialog) => {
      errors.push(dialog.message());
      void dialog.dismiss();
    });
    const types: Record<string, string> = {
      '.html': 'text/html',
      '.js': 'text/javascript',
      '.css': 'text/css',
    };
    await page.route('http://speedscope.invalid/**', (route) => {
      const path = join(folder, new URL(route.request().url()).pathname.slice(1) || 'index.html');
      return existsSync(path)
        ? route.fulfill({ contentType: types[extname(path)] ?? 'text/plain', body: readFileSync(path) })
        : route.fulfill({ status: 404, body: '' });
    });
    await page.goto('http://speedscope.invalid/');
    const file = { name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(traceOf(run)) };
    await page.locator('input[type=file]').setInputFiles(file);
    const title = page.getByText(/the story \(pid 1\), steps/).first();
    await title.waitFor();
    await title.click();
    await page
      .getByText(/A {2}127\.0\.0\.1:\d+ to /)
      .first()
      .waitFor();
    const shown = await page.locator('body').innerText();
    expect(shown).toMatch(/processes \(pid 2\), server/);
    const sides = ['client', "client's segments", "server's segments", 'server'];
    for (const side of sides) expect(shown).toContain(`(pid 10), ${side} (tid`);
    expect(errors).toEqual([]);
    await page.close();
  });
});
