/** Whether a remedy helps: the loss that it is for is there before, and not after. */
import { expect } from 'vitest';
import { observed } from '../../../support/loads.ts';
import { restart } from '../../../support/restarts.ts';
import { somePort } from '../../../support/sockets.ts';

export type Start = readonly [command: (port: number) => readonly string[], ...options: string[]];

export interface Remedy {
  readonly cause: string | RegExp;
  /** What the remedy says. */
  readonly says: RegExp;
  readonly failing: Start;
  readonly repaired: Start;
  /** What the repaired one may still lose. */
  readonly left: readonly string[];
  readonly needs: string;
  /** If it is not the usual one. */
  readonly load?: string;
}

const usual = 'new=40/s,pooled=10,idle=4,slow=4';
export const noSlow = 'new=40/s,pooled=40,idle=4';
export const outage = ['outage', 'slow-start'];
export const preStop = ['--pre-stop', '800ms'] as const;

export const helps = async (remedy: Omit<Remedy, 'needs'>) => {
  const { cause, says, failing, repaired, left, load = usual } = remedy;
  const before = await lossesOf(failing, load);
  const loss = before.find((loss) =>
    cause instanceof RegExp ? cause.test(loss.cause) : loss.cause === cause,
  );
  expect(loss, `none of ${before.map((loss) => loss.cause)}`).toBeDefined();
  expect(loss?.remedy).toMatch(says);
  const after = await lossesOf(repaired, load);
  // A connection may arrive just when a listener is closed, whatever the server does.
  const isMeant = ({ cause, lost }: (typeof after)[number]) =>
    left.includes(cause) || (cause === 'accept-queue-dropped' && lost <= 2 && left.length > 0);
  expect(after.filter((loss) => !isMeant(loss))).toEqual([]);
};

async function lossesOf([command, ...options]: Start, load: string) {
  const slow = load.includes('slow=') ? ['--slow-path', '/slow'] : [];
  const run = await observed(() =>
    restart(['--load', load, ...slow, ...options], command(somePort()), {
      env: { PATH: `${process.env['PATH']}:/usr/sbin` },
    }),
  );
  expect(run.load.notes.filter((note) => note.includes('had the status'))).toEqual([]);
  return run.load.losses;
}
