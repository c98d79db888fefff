import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { kept, readTable } from '../../tables/kept.ts';
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

  test('has three runs of each way on each version of Node', () => {
    const rows = [20, 22, 24].flatMap((node) => wayNames.map((way) => `${way} ${node} 3`));
    expect(shutdown.rows.map(({ way, node, runs }) => `${way} ${node} ${runs.length}`).sort()).toEqual(
      rows.sort(),
    );
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

  test('says of a way that it lost nothing only if every run was measured', () => {
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
    for (const { server, ways, loads, idle, version } of measured)
      expect([server, ways.length, loads.length % 3, idle !== null, version !== null]).toEqual([
        ...[server, 4, 0, true, true],
      ]);
  });
});
