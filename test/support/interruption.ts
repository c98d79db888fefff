import { describe, expect, test } from 'vitest';
import { Program } from './program.ts';

const allSteps = [1, 2, 3, 4, 5, 6, 7, 8];

/** Stops before the given step of server-first, with all that the steps before have left standing. */
export async function atStep(number: number): Promise<Program> {
  const program = new Program(['demo', 'server-first', '--step']);
  for (const step of allSteps.slice(0, number)) {
    await program.says(`\n${step}  `);
    if (step < number) program.child.stdin?.write('\n');
  }
  return program;
}

/** Ends server-first before each of these steps. */
export function testInterruptedBefore(steps: readonly number[]): void {
  describe.each(steps)('before step %i', (number) => {
    test('Ctrl-C takes everything down and ends with 130', async () => {
      const program = await atStep(number);
      program.child.kill('SIGINT');
      const { status, stdout, stderr } = await program.finished();
      expect(status).toBe(130);
      expect(stdout).toContain('interrupted (SIGINT)');
      expect(stderr).toBe('');
      expect(program.processes()).toEqual([]);
    });

    test('SIGKILL leaves no peer behind for longer than a second', async () => {
      const program = await atStep(number);
      program.child.kill('SIGKILL');
      await program.finished();
      expect(await program.leftAfter(1000)).toEqual([]);
    });
  });
}

/** Ends server-first after each of these times. */
export function testInterruptedAfter(kill: readonly number[], term: readonly number[]): void {
  describe('at any moment, not only between steps', () => {
    test.each(kill)('SIGKILL after %i ms leaves nothing', async (ms) => {
      const program = new Program(['demo', 'server-first']);
      setTimeout(() => program.child.kill('SIGKILL'), ms);
      await program.finished();
      expect(await program.leftAfter(1000)).toEqual([]);
    });

    test.each(term)('SIGTERM after %i ms ends with 143', async (ms) => {
      const program = new Program(['demo', 'server-first', '--wait']);
      setTimeout(() => program.child.kill('SIGTERM'), ms);
      const { status } = await program.finished();
      // Before the program listens to signals it dies of them.
      expect([143, null]).toContain(status);
      expect(await program.leftAfter(1000)).toEqual([]);
    });
  });
}
