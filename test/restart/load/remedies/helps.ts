/** Whether remedies help: the loss that each is for is there before, and not after. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { observed } from '../../../support/loads.ts';
import { restart } from '../../../support/restarts.ts';
import { somePort } from '../../../support/sockets.ts';

type Start = readonly [command: (port: number) => readonly string[], options?: readonly string[]];

interface Remedy {
  readonly cause: string;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly failing: Start;
  readonly repaired: Start;
  /** Whether the repaired one loses nothing at all, only what a handover would save, or something for another reason. */
  readonly left: 'loses nothing' | 'outage alone' | 'other causes';
  readonly needs?: string;
}

const helpOf = (program: string) => spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout ?? '';
const load = ['--load', 'new=40/s,pooled=10,idle=4,slow=4', '--slow-path', '/slow'];
const beyondShutdown = new Set(['outage', 'slow-start']);

export function describeRemedies(remedies: Readonly<Record<string, Remedy>>): void {
  describe.concurrent('each remedy helps', () => {
    test.for(Object.entries(remedies))('%s', async ([, remedy], context) => {
      const { cause, says, failing, repaired, left, needs } = remedy;
      if (needs !== undefined && spawnSync('which', [needs]).status !== 0)
        return context.skip(`${needs} is not installed`);
      if (needs === 'uvicorn' && !helpOf('uvicorn').includes('--timeout-graceful-shutdown'))
        return context.skip('this uvicorn has no --timeout-graceful-shutdown');
      const before = await lossesOf(failing);
      const loss = before.find((loss) => loss.cause === cause);
      expect(before.map((loss) => loss.cause)).toContain(cause);
      expect(loss?.remedy).toMatch(says);
      const after = await lossesOf(repaired);
      // A connection may be in the queue at the moment when a listener is closed, whatever the server does.
      const isMeant = ({ cause, lost }: (typeof after)[number]) =>
        beyondShutdown.has(cause) ||
        (cause === 'accept-queue-dropped' && lost <= 2) ||
        (left === 'other causes' && cause !== remedy.cause);
      expect(after.filter((loss) => left === 'loses nothing' || !isMeant(loss))).toEqual([]);
    });
  });
}

async function lossesOf([command, options = []]: Start) {
  const run = await observed(() => restart([...load, ...options], command(somePort())));
  return run.load.losses;
}
