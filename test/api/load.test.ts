import { expect, test } from 'vitest';
import { loadOf, shareOf } from '../../src/api/load.ts';
import { regexOf } from '../../src/api/regex.ts';

test.each([
  [/^ok$/im, '^ok$', 'im'],
  ['/^ok$/im', '^ok$', 'im'],
  ['/a/b/', 'a/b', ''],
  ['^ok$', '^ok$', ''],
  ['/', '/', ''],
  ['/ok', '/ok', ''],
] as const)('the answer %s reaches the load with its flags', (answer, source, flags) => {
  const load = loadOf({ load: true, request: 'ping', answer });
  expect(load?.protocol).toMatchObject({ kind: 'raw', answer: { source: new RegExp(source).source, flags } });
  expect(String(regexOf(answer))).toBe(String(new RegExp(source, flags)));
});

test('a load may be an object: missing parts are 0, and unknown parts are refused', () => {
  expect(loadOf({ load: { new: 20, pooled: 5 } })?.spec).toEqual({ new: 20, pooled: 5, idle: 0, slow: 0 });
  expect(loadOf({ load: 'new=20/s,pooled=5' })?.spec).toEqual({ new: 20, pooled: 5, idle: 0, slow: 0 });
  expect(() => loadOf({ load: { pooled: 5, nwe: 20 } as never })).toThrow('"nwe" is not a part of a load');
  expect(() => loadOf({ load: {} })).toThrow('asks for no request');
});

test('a share is taken exactly, even if binary floating point only approximates it', () => {
  expect([0, 0.001, 0.07, 0.29, 1].map(shareOf)).toEqual([0, 0.001, 0.07, 0.29, 1]);
  expect(['0%', '0.1%', '7%', '100%'].map(shareOf)).toEqual([0, 0.001, 0.07, 1]);
  for (const wrong of [-0.1, 1.1, Number.NaN, '101%', '-1%', '7', 'x'])
    expect(() => shareOf(wrong)).toThrow('is not a share: give one such as 0.1%');
});
