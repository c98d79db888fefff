import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../../src/scenario/needs.ts';
import { testRetries } from '../../support/failing-namespace.ts';
import { asNobody, noRoot } from '../../support/machine.ts';
import { tcpclose } from '../../support/program.ts';
import { unless } from '../../support/skips.ts';

const why = await whyUnmet('namespace');

describe('a namespace that cannot be made', () => {
  testRetries([1, 5], why);
});

describe('on a machine without namespaces', () => {
  test(
    'a scenario that needs one is skipped, with the reason and the remedy',
    unless(why ?? noRoot),
    async () => {
      // In a user namespace that allows no other, and without capabilities over it.
      const script = 'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-all "$@"';
      const prefix = [...asNobody, 'unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh'];
      const { stdout, status } = await tcpclose(['demo', 'fin-wait2-orphan'], { prefix });
      expect(stdout).toMatch(/skipped: no private network can be made \(.*No space left\s+on device\)/s);
      expect(stdout).toContain('user.max_user_namespaces');
      expect(status).toBe(2);

      const suite = await tcpclose(['test', 'fin-wait2-orphan', 'shut-wr'], { prefix });
      expect(suite.stdout).toContain('1 passed, 1 skipped');
      expect(suite.status).toBe(0);

      const strict = await tcpclose(['test', 'fin-wait2-orphan', '--require', 'namespace'], { prefix });
      expect(strict.stdout).toContain('1 failed');
      expect(strict.status).toBe(1);
    },
  );
});
