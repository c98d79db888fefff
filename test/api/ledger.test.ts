import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as Api from '../../src/index.ts';
import { packagePath } from '../../src/package.ts';
import { schemaErrors } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// As users get it.
const { audit, claims, doctor, matrix, merge }: typeof Api = await import(packagePath('dist/index.js'));

const folder = temporaryFolder('ledger');

const enough = () => AbortSignal.abort(new Error('enough'));

describe('claims()', () => {
  test('returns the document of the command, and reports the scenarios that it runs', async () => {
    const ended = new Map<string, string>();
    const document = await claims(['c45'], {
      timeout: '60s',
      onEvent: (event) => {
        if (event.type === 'of scenario' && event.event.type === 'run finished')
          ended.set(event.scenario, event.event.outcome.state);
      },
    });
    expect(schemaErrors('claims', document)).toEqual([]);
    expect(document.claims).toMatchObject([{ id: 'C45', finding: 'refuted' }]);
    expect(ended.get('shut-rd')).toBe('passed');
  });

  test('rejects with the reason of its signal', async () => {
    await expect(claims(['C45'], { abortSignal: enough() })).rejects.toThrow('enough');
  });

  test.each([
    ['no claim', () => claims(['C99']), 'unknown-claim'],
    ['no kernel', () => claims(['C45'], { compare: '/nonexistent' }), 'bad-document'],
    [
      'a tool of which no evidence can be kept',
      () => claims([], { evidence: folder, observer: 'proc' }),
      'bad-observer',
    ],
  ])('of %s is an error with a code', async (_, call, code) => {
    await expect(call()).rejects.toMatchObject({ name: 'UsageError', code });
  });
});

describe('doctor()', () => {
  test('returns the document of the command, and says which check begins', async () => {
    const events: Api.DoctorEvent[] = [];
    const document = await doctor({ onEvent: (event) => events.push(event) });
    expect(schemaErrors('doctor', document)).toEqual([]);
    const names = document.groups.flatMap(({ checks }) => checks.map(({ name }) => name));
    expect(events.map(({ name }) => name)).toEqual(names);
    expect(events.at(-1)).toMatchObject({ type: 'check', done: names.length - 1, of: names.length });
  });

  test('rejects with the reason of its signal', async () => {
    await expect(doctor({ abortSignal: enough() })).rejects.toThrow('enough');
  });
});

describe('merge()', () => {
  test('makes one report of what audit() returned, and names what it could not read', async () => {
    const [saved, broken] = [join(folder, 'web-1.json'), join(folder, 'broken.json')];
    writeFileSync(saved, JSON.stringify(await audit({ pid: process.pid, for: 0 })));
    writeFileSync(broken, '{');
    const events: Api.MergeEvent[] = [];
    const document = await merge([saved, broken], { onEvent: (event) => events.push(event) });
    expect(schemaErrors('merge', document)).toEqual([]);
    expect(document).toMatchObject({ audits: 1, unread: { count: 1, first: [{ from: broken }] } });
    expect(document.settings[0]?.values[0]?.first).toEqual([hostname()]);
    expect(events).toEqual([
      { type: 'read', documents: 1, file: 1, of: 2 },
      { type: 'read', documents: 2, file: 2, of: 2 },
    ]);
    const byFile = await merge([saved], { byFile: true });
    expect(byFile.settings[0]?.values[0]?.first).toEqual(['web-1']);
  });

  test('of nothing that can be read is an error with a code', async () => {
    await expect(merge(['/nonexistent'])).rejects.toMatchObject({ code: 'nothing-to-merge' });
    await expect(merge(['/nonexistent'], { abortSignal: enough() })).rejects.toThrow('enough');
  });
});

test('matrix() says how many cells it has measured', async () => {
  const events: Api.MatrixEvent[] = [];
  const { cells } = await matrix({ onEvent: (event) => events.push(event) });
  expect(events.at(-1)).toEqual({ type: 'measured', cells: cells.length, of: cells.length });
  expect(events.length).toBeGreaterThan(1);
});
