import { describe, expect, test } from 'vitest';
import { observed } from '../../support/loads.ts';
import { missing } from '../../support/machine.ts';
import { fixture, restart } from '../../support/restarts.ts';
import { unless } from '../../support/skips.ts';
import { somePort } from '../../support/sockets.ts';

/** What a server of Python loses that drains, and begins after this time. */
async function lossesOf(delay: string, ...options: readonly string[]) {
  const command = () => ['python3', fixture('logged.py'), String(somePort()), '/dev/null', 'drain', delay];
  const load = ['--load', 'new=30/s,pooled=6,idle=2,slow=2', '--slow-path', '/slow'];
  const run = await observed(() => restart([...load, ...options], command()));
  return run.load.losses;
}

describe.concurrent(
  'a remedy that is the same for all languages helps a server of Python',
  unless(missing('python3')),
  () => {
    test('TERM instead of KILL, and a longer limit', async () => {
      const killed = (await lossesOf('0', '--signal', 'KILL'))[0];
      expect(killed).toMatchObject({ cause: 'killed', remedy: expect.stringContaining('such as TERM') });
      const tooLong = (await lossesOf('0', '--drain', '150ms')).find(
        ({ cause }) => cause === 'drain-too-long',
      );
      expect(tooLong?.remedy).toContain('raise the limit (--drain');
      const causes = (await lossesOf('0', '--drain', '30s')).map(({ cause }) => cause);
      expect(causes).not.toContain('killed');
      expect(causes).not.toContain('drain-too-long');
      expect(causes).toContain('outage');
    });

    test('a listener that is kept, for an outage and for a slow start', async () => {
      const slow = (await lossesOf('2.5')).find(({ cause }) => cause === 'slow-start');
      expect(slow?.remedy).toContain('--listen-fds tries');
      expect(await lossesOf('2.5', '--listen-fds', String(somePort()))).toEqual([]);
    });
  },
);
