import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const why = await whyUnmet('packets');
const page = readFileSync(new URL('../../docs/packets.md', import.meta.url), 'utf8');
const folder = temporaryFolder('packets-page');

describe('the page about packets', unless(why), () => {
  const [code = ''] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const file = join(folder, 'mine.ts');

  test('has a scenario that works unchanged, and fails without its stimulus', async () => {
    writeFileSync(file, code);
    const { stdout, stderr, status } = await tcpclose(['demo', file]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/(\d+) of \1 as expected/);
    expect(status).toBe(0);
    const without = await tcpclose(['demo', file, '--without', 'end']);
    expect(without.status).toBe(1);
  });

  test('names options that exist', async () => {
    const { stdout } = await tcpclose(['demo', '--help']);
    const named = new Set(
      [...page.matchAll(/--(packets|ascii|mermaid|pcap|json)\b/g)].map(([option]) => option),
    );
    for (const option of named) expect(stdout).toContain(option);
  });
});
