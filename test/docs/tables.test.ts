import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kept, readTable } from '../../tables/kept.ts';
import { aboutRepeats, differ, enoughRuns, leastRuns, lossyRuns, mostRuns } from '../../tables/repeats.ts';
import { serversPage } from '../../tables/servers/page.ts';
import { shutdownPage } from '../../tables/shutdown/page.ts';
import { clientKinds, type ShutdownRun, type ShutdownTable } from '../../tables/shutdown/result.ts';
import { summaryOf } from '../../tables/shutdown/summary.ts';
import { wayNames, ways } from '../../tables/shutdown/ways.ts';

const tables = { shutdown: readTable('shutdown'), servers: readTable('servers') };
const { shutdown, servers } = tables;
if (shutdown === undefined || servers === undefined) throw new Error('measure the tables: npm run tables');

describe('docs/shutdown.md', () => {
  test('is what was measured (npm run docs)', () => {
    expect(readFileSync(kept.shutdown.page, 'utf8')).toBe(shutdownPage(shutdown));
  });

  test('has at least three runs of each way on each version of Node', () => {
    const rows = [20, 22, 24].flatMap((node) => wayNames.map((way) => `${way} ${node}`));
    expect(shutdown.rows.map(({ way, node }) => `${way} ${node}`).sort()).toEqual(rows.sort());
    for (const { runs } of shutdown.rows) expect(runs.length).toBeGreaterThanOrEqual(leastRuns);
  });

  test('names a version of each package', () => {
    const packages = new Set(wayNames.flatMap((name) => ways[name].packages));
    expect(Object.keys(shutdown.packages).sort()).toEqual([...packages].sort());
  });

  test('draws the request of each ladder', () => {
    for (const ladder of Object.values(shutdown.ladders))
      expect(ladder.arrows.filter(({ from, text }) => from === 'client' && / GET \//.test(text))).not.toEqual(
        [],
      );
  });

  test('says that a way lost nothing only if every run was measured', () => {
    const nothing: ShutdownRun = {
      ...{
        at: '',
        loadAverage: 0,
        state: 'measured',
        exitsAfterMs: 1,
        listensForMs: 1,
        outage: 0,
        causes: [],
      },
      kinds: clientKinds.map((kind) => ({ kind, requests: 9, lost: 0 })),
    };
    const unknown: ShutdownRun = { at: '', loadAverage: 0, state: 'not measured', why: 'too busy' };
    const of = (...runs: readonly ShutdownRun[]): ShutdownTable => ({
      ...shutdown,
      rows: [{ way: 'stoppable', node: 22, runs }],
    });
    expect(summaryOf(of(nothing, nothing)).losesNothing).toEqual(['stoppable']);
    expect(summaryOf(of(nothing, unknown)).losesNothing).toEqual([]);
    expect(shutdownPage(of(nothing, unknown))).toContain('1 of 2 runs not measured: too busy');
  });
});

describe('docs/servers.md', () => {
  test('is what was measured (npm run docs)', () => {
    expect(readFileSync(kept.servers.page, 'utf8')).toBe(serversPage(servers));
  });

  test('has at least 25 servers of five languages, or why one is missing', () => {
    const measured = servers.rows.filter(({ whyNot }) => whyNot === null);
    expect(measured.length).toBeGreaterThanOrEqual(25);
    for (const { server, ways, loads, idle, version } of measured) {
      expect([server, ways.length, idle !== null, version !== null]).toEqual([server, 4, true, true]);
      for (const signal of new Set(loads.map(({ signal }) => signal)))
        expect(loads.filter((run) => run.signal === signal).length).toBeGreaterThanOrEqual(leastRuns);
    }
  });
});

describe('a row is measured again', () => {
  const run = (fresh: number, slow: number) => ({
    state: 'measured' as const,
    kinds: [
      { kind: 'new' as const, requests: 9, lost: fresh },
      { kind: 'slow' as const, requests: 9, lost: slow },
    ],
  });
  const unknown = { state: 'not measured' as const };

  test.each([
    ['if some runs lost requests', [run(0, 0), run(1, 0)], true],
    ['if some runs lost slow requests', [run(1, 0), run(1, 5)], true],
    ['if one was not measured', [run(1, 5), unknown], true],
    ['not if all lost requests, though not as many', [run(1, 5), run(7, 1)], false],
    ['not if none lost any', [run(0, 0), run(0, 0)], false],
    ['not if none was measured', [unknown, unknown], false],
  ])('%s', (_, runs, expected) => {
    expect(differ(runs)).toBe(expected);
  });

  test('up to a bound, and as often as the others if its runs agree', async () => {
    let count = 0;
    const differing = await enoughRuns(async () => run(count++ % 2, 0));
    expect(differing).toHaveLength(mostRuns);
    expect(lossyRuns(differing)).toBe('3 of 6');
    const agreeing = await enoughRuns(async () => run(2, 0));
    expect(agreeing).toHaveLength(leastRuns);
    expect(await enoughRuns(async () => run(0, 0), [run(1, 0), run(0, 0), run(1, 0)])).toHaveLength(mostRuns);
    expect(aboutRepeats([differing, agreeing])).toContain(
      'the runs of 1 of 2 rows differ, and 1 of the rows',
    );
  });
});
