import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { changes } from '../../build/kernel-changes.ts';
import { kernelsPage, readKernels } from '../../build/kernels.ts';
import { meanings } from '../../src/observe/counters/meanings.ts';
import { claims } from '../../src/scenario/claims.ts';
import { textOf } from '../kernels/record.ts';
import { suites } from '../kernels/suites.ts';

const kernels = readKernels();

test('docs/kernels.md agrees with kernels/*.json (npm run docs)', () => {
  expect(readFileSync('docs/kernels.md', 'utf8')).toBe(kernelsPage(kernels));
});

describe.each(kernels)('kernels/$version.json', (kernel) => {
  test('is of a kernel that "npm run kernels" knows, and written by it', () => {
    expect(suites.map(({ version }) => version)).toContain(kernel.version);
    expect(kernel.environment.kernel.startsWith(`${kernel.version}.`)).toBe(true);
    expect(readFileSync(`kernels/${kernel.version}.json`, 'utf8')).toBe(textOf(kernel));
  });

  test('has a finding for every claim, and no scenario that was contradicted', () => {
    const ids = kernel.claims.map(({ id }) => id).filter((id) => !id.includes('/'));
    // Of a machine that was too slow only the table of binds is kept.
    expect(ids).toEqual(ids.length === 0 ? [] : Object.keys(claims));
    expect(kernel.scenarios.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });
});

test('every counter that a change explains is known', () => {
  const named = changes.filter(({ kind }) => kind.startsWith('count')).flatMap(({ of }) => of);
  expect(named.filter((name) => !(name in meanings))).toEqual([]);
});
