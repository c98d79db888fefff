import { describe, test } from 'vitest';
import { runExample } from '../support/examples.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

describe.concurrent('the suite of the Python example', unless(missing('python3')), () => {
  test('passes', async ({ expect }) => {
    const { status, output } = await runExample('python', []);
    expect(status, output).toBe(0);
  });

  test('fails with cause and remedy without SO_REUSEADDR', async ({ expect }) => {
    const file = 'server.py';
    const broken = { file, from: 'allow_reuse_address = True', to: 'allow_reuse_address = False' };
    const { status, output } = await runExample('python', [broken]);
    expect(status, output).toBe(1);
    expect(output).toContain('python3 server.py does not survive a restart: no-reuse-address');
    expect(output).toMatch(/Remedy: .*SO_REUSEADDR.* allow_reuse_address = True/);
  });
});
