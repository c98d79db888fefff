import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Program } from './program.ts';
import { somePort } from './sockets.ts';

const server = join(import.meta.dirname, '../fixtures/servers/graceful.cjs');

const script = (port: number) =>
  `trap '' TERM; node ${server} ${port} & node ${server} ${somePort()} & wait; wait`;

/** Ends a restart after each of these times, and expects that nothing of its command goes on. */
export function testNothingIsLeft(delaysMs: readonly number[]): void {
  describe('nothing is left of the command and its children', () => {
    test.each([
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGKILL', null],
    ] as const)('after %s', async (signal, expected) => {
      for (const ms of delaysMs) {
        const port = somePort();
        const options = ['--port', `${port}`, '--stop-timeout', '10s'];
        const program = new Program(['restart', ...options, '--', 'sh', '-c', script(port)]);
        await new Promise((resolve) => setTimeout(resolve, ms));
        program.child.kill(signal);
        const { status } = await program.finished();
        // Before it listens to signals it dies of them.
        expect([expected, null]).toContain(status);
        expect(await program.leftAfter(2000)).toEqual([]);
      }
    });
  });
}
