import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { blocks } from '../support/guide.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const withoutNamespace = await whyUnmet('namespace');

const folder = temporaryFolder('guide');

function save(code: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, code);
  return file;
}

test('the guide has its six steps', () => {
  expect(blocks).toHaveLength(6);
});

describe.each(blocks.map((code, i) => ({ code, step: i + 1 })))('step $step', ({ code, step }) => {
  const needsNamespace = code.includes("needs: ['namespace']");

  test('works unchanged', unless(needsNamespace ? withoutNamespace : null), async () => {
    const { stdout, stderr, status } = await tcpclose(['demo', save(code, `step${step}.ts`)]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/(\d+) of \1 as expected/);
    expect(status).toBe(0);
  });
});

test('the smallest step is small', () => {
  expect(blocks[0]?.trim().split('\n').length).toBeLessThanOrEqual(21);
});

test('JavaScript serves as well', async () => {
  const { status } = await tcpclose(['demo', save(blocks[0] ?? '', 'plain.mjs')]);
  expect(status).toBe(0);
});

test.each([
  ['nothing.ts', 'export const a = 1;', 'exports no scenario'],
  ['number.mjs', 'export default 3;', 'exports no scenario'],
  ['broken.ts', 'export default {', 'cannot be loaded (broken.ts:1: '],
  ['missing.ts', "import 'no-such-package'; export default 1;", 'cannot be loaded'],
])('%s is refused in one line', async (name, code, why) => {
  const { stdout, stderr, status } = await tcpclose(['demo', save(code, name)]);
  expect(stderr).toMatch(/^tcpclose: [^\n]+\n$/);
  expect(stderr).toContain(why);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});
