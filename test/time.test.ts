import { expect, test } from 'vitest';
import { formatSpan, poll, retry } from '../src/time.ts';

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_990, '59 s'],
  [125_000, '2 min 5 s'],
  [Number.NaN, 'an unknown time'],
  [Number.POSITIVE_INFINITY, 'an unknown time'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

const often = { withinMs: 60_000, everyMs: 1 };

test('a wait ends with the first thing that is there, and 0 and null are things', async () => {
  const found = [undefined, false, 0] as const;
  let looks = 0;
  expect(await poll('a number', () => found[looks++], often)).toBe(0);
  expect(looks).toBe(3);
  expect(await poll('null', async () => null, often)).toBeNull();
});

test('a wait gives undefined when the time is over, after one more look', async () => {
  const looks: number[] = [];
  const startedAt = performance.now();
  const look = () => void looks.push(performance.now() - startedAt);
  expect(await poll('nothing', look, { withinMs: 20, everyMs: 5 })).toBeUndefined();
  expect(looks.length).toBeGreaterThan(1);
  expect(looks.at(-1)).toBeGreaterThanOrEqual(20);
});

test('a wait without time looks once', async () => {
  expect(await poll('what is there', () => 'there', { withinMs: 0, everyMs: 1 })).toBe('there');
});

test('a wait rejects with the reason of its signal', async () => {
  const abort = new AbortController();
  const waiting = poll('nothing', () => false, { ...often, everyMs: 60_000, signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('what may pass is tried again, and anything else is thrown at once', async () => {
  const failures = [new RangeError('full'), new RangeError('full'), new TypeError('broken')];
  const next = () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return 'passed';
  };
  const mayPass = (error: unknown) => error instanceof RangeError;
  await expect(retry('room', next, mayPass, often)).rejects.toThrow('broken');
  expect(failures).toEqual([]);
  expect(await retry('room', next, mayPass, often)).toBe('passed');
});

test('the last failure is thrown when the time is over', async () => {
  let tries = 0;
  const fail = () => {
    throw new Error(`try ${++tries}`);
  };
  const error = retry('room', fail, () => true, { withinMs: 20, everyMs: 5 });
  await expect(error).rejects.toThrow(/^try \d+$/);
  await expect(error).rejects.toThrow(`try ${tries}`);
  expect(tries).toBeGreaterThan(1);
});
