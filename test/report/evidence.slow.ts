import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whyUnmet } from '../../src/scenario/needs.ts';
import { newFolder, noVerifier, verify } from '../support/evidence.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';

test('the evidence of every claim leads to the same finding from the raw files alone', {
  timeout: 900_000,
  ...unless(noVerifier ?? (await whyUnmet('packets'))),
}, async () => {
  const folder = newFolder();
  const { stderr } = await tcpclose(['claims', '--evidence', folder]);
  expect(stderr).toBe('');
  const results = [];
  for (const id of readdirSync(folder)) {
    const { stdout, stderr, status } = await verify(join(folder, id));
    const { claim } = JSON.parse(readFileSync(join(folder, id, 'evidence.json'), 'utf8'));
    results.push({ id, status, stderr, same: stdout.includes(`found: ${id} ${claim.finding}\n`) });
  }
  expect(results.length).toBeGreaterThan(50);
  expect(results.filter(({ status, same }) => status !== 0 || !same)).toEqual([]);
});
