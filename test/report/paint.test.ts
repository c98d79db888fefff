import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPaint, type Paint } from '../../src/report/paint.ts';

afterEach(() => void vi.unstubAllEnvs());

async function paintWith(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean) {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, environment[name]);
  return createPaint('auto', isTerminal);
}

const kinds = ['title', 'good', 'bad', 'faint'] as const satisfies (keyof Paint)[];

describe('paint', () => {
  test.each(kinds)('%s uses only its first argument, even from map()', async (kind) => {
    const paint = await paintWith({ TERM: 'xterm' }, true);
    const lines = ['first', 'second'];
    expect(lines.map(paint[kind])).toEqual(lines.map((line) => paint[kind](line)));
    expect(paint[kind]('first')).not.toBe('first');
    expect(stripVTControlCharacters(paint[kind]('first'))).toBe('first');
  });

  test.each([
    { environment: { TERM: 'xterm' }, on: 'terminal', colors: true },
    { environment: { TERM: 'dumb' }, on: 'terminal', colors: false },
    { environment: { TERM: 'xterm' }, on: 'pipe', colors: false },
    { environment: { NO_COLOR: '1' }, on: 'terminal', colors: false },
    { environment: { NO_COLOR: '' }, on: 'terminal', colors: true },
    { environment: { FORCE_COLOR: '1' }, on: 'pipe', colors: true },
    { environment: { FORCE_COLOR: '' }, on: 'pipe', colors: true },
    { environment: { FORCE_COLOR: 'true' }, on: 'pipe', colors: true },
    { environment: { FORCE_COLOR: '3', TERM: 'dumb' }, on: 'pipe', colors: true },
    { environment: { FORCE_COLOR: '0' }, on: 'terminal', colors: false },
    { environment: { FORCE_COLOR: 'false' }, on: 'terminal', colors: false },
    { environment: { FORCE_COLOR: '1', NO_COLOR: '1' }, on: 'terminal', colors: false },
  ])('$environment on a $on: colours $colors', async ({ environment, on, colors }) => {
    const paint = await paintWith(environment, on === 'terminal');
    expect(paint.good('text') !== 'text').toBe(colors);
  });
});
