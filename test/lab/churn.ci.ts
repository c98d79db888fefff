import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

const why = await whyUnmet('namespace');

describe('churn', unless(why), () => {
  test.each(['server', 'client'])('leaves no TIME_WAIT when the %s closes with linger 0', async (closer) => {
    const args = ['--connections', '500', '--closer', closer, '--linger', '0'];
    const { stdout, status } = await tcpclose(['demo', 'churn', '--json', ...args]);
    expect(status).toBe(0);
    const samples: { timeWaits: number }[] = JSON.parse(stdout).steps.flatMap(
      ({ load }: { load: unknown[] }) => load,
    );
    expect(samples.at(-1)?.timeWaits).toBe(0);
  });

  test('reports the outcomes of connections that did not fit into the accept queue', async () => {
    const args = ['--connections', '600', '--concurrency', '600', '--backlog', '1', '--patience', '2'];
    const { stdout } = await tcpclose(['demo', 'churn', ...args]);
    expect(stdout).toMatch(/outcomes: .*ETIME \d+/);
    expect(stdout).toMatch(/connections +600 +600/);
  });
});
