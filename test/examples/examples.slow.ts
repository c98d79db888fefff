import { describe, test } from 'vitest';
import { runExample } from '../support/examples.ts';
import { missing } from '../support/machine.ts';
import { unless } from '../support/skips.ts';

describe('the suite of the Node example', () => {
  test('passes under load', async ({ expect }) => {
    const { status, output } = await runExample('node', []);
    expect(status, output).toBe(0);
  });

  test('fails with cause and remedy when the server exits at once', async ({ expect }) => {
    const from = 'setTimeout(() => server.close(), 1000);';
    const { status, output } = await runExample('node', [
      { file: 'server.ts', from, to: 'process.exit(0);' },
    ]);
    expect(status, output).toBe(1);
    expect(output).toMatch(/loses requests in a restart: (stops-listening-before-drain|exits-at-once)/);
    expect(output).toContain('Remedy: ');
  });
});

describe('the suite of the nginx example', unless(missing('nginx')), () => {
  test('passes', async ({ expect }) => {
    const { status, output } = await runExample('nginx', []);
    expect(status, output).toBe(0);
  });

  test('fails with cause and remedy when a connected client keeps it running', async ({ expect }) => {
    const broken = { file: 'nginx.conf', from: 'worker_shutdown_timeout 1s;', to: '' };
    const { status, output } = await runExample('nginx', [broken]);
    expect(status, output).toBe(1);
    expect(output).toContain('does not survive a restart: still-running');
    // It is what the example has.
    expect(output).toContain('Remedy: set worker_shutdown_timeout in its configuration');
  });
});
