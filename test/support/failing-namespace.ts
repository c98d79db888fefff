import { expect, test } from 'vitest';
import { tcpclose } from './program.ts';
import { unless } from './skips.ts';
import { wrapper } from './wrapper.ts';

/** A namespace that cannot be made this many times is requested again before a scenario is skipped. */
export function testRetries(times: readonly number[], why: string | null): void {
  test.for(times)(
    'a namespace that cannot be made %i times is requested again before a test is skipped',
    unless(why),
    async (times) => {
      const { path, remove } = wrapper(
        'unshare',
        `echo >> $folder/asked; [ $(wc -l < $folder/asked) -gt ${times} ] || exit 1; real "$@"`,
      );
      const names = ['fin-wait2-orphan', 'keepalive', 'host-gone'];
      const { stdout, status } = await tcpclose(['test', ...names], { env: { PATH: path } });
      remove();
      expect(stdout).toContain('3 passed');
      expect(status).toBe(0);
    },
  );
}
