import { expect, test, vi } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { createPaint } from '../../src/report/paint.ts';
import { restartText } from '../../src/report/restart/text.ts';
import { saved } from './saved.ts';

// Before it is asked: it stays the same during a run.
vi.stubEnv('COLUMNS', '60');

test('the table of a load fits 60 columns', async () => {
  const paint = await createPaint('never', false);
  const lines = restartText(saved<RestartDocument>('restart-load'), paint);
  expect(lines.find((line) => line.includes('answered'))).toMatch(/ lost$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});
