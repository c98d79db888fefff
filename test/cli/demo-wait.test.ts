import { expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';

// In a file of its own, so that its minute passes beside the others.
test('--wait stays until TIME_WAIT has ended, and measures when bind passed', async () => {
  const { stdout } = await tcpclose(['demo', 'server-first', '--wait', '--json']);
  const { outcome, checks } = JSON.parse(stdout);
  expect(outcome).toBe('passed');
  const measured = checks.filter(({ title }: { title: string }) => title === 'bind succeeded after');
  expect(measured).toHaveLength(2);
  expect(measured[0].observed).toMatch(/^\d+ s$|^1 min/);
}, 200_000);
