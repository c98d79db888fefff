import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tcpclose } from '../support/program.ts';
import { schemaErrors } from '../support/schema.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('init');

const workflow = join(folder, '.github/workflows/tcpclose.yml');

test('init writes a scenario that passes, and a workflow that runs it', async () => {
  const { stdout, stderr, status } = await tcpclose(['init'], { cwd: folder });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toContain('wrote tcpclose/first.ts');
  const [, command = ''] = /npx tcpclose (test \.\/tcpclose\/)/.exec(readFileSync(workflow, 'utf8')) ?? [];
  const run = await tcpclose([...command.split(' '), '--json'], { cwd: folder });
  expect(run.status, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ outcome: 'passed', scenarios: [{ scenario: 'first' }] });
});

test('init touches nothing that is there, not even a link that leads nowhere', async () => {
  const other = join(folder, 'other');
  mkdirSync(join(other, 'tcpclose'), { recursive: true });
  mkdirSync(join(other, '.github/workflows'), { recursive: true });
  writeFileSync(join(other, 'tcpclose/first.ts'), 'mine');
  symlinkSync('nowhere', join(other, '.github/workflows/tcpclose.yml'));
  const { stdout, status } = await tcpclose(['init', '--json'], { cwd: other });
  const document = JSON.parse(stdout);
  expect(schemaErrors('init', document)).toEqual([]);
  expect({ status, document }).toMatchObject({
    status: 0,
    document: { written: [], kept: ['tcpclose/first.ts', '.github/workflows/tcpclose.yml'] },
  });
  expect(readFileSync(join(other, 'tcpclose/first.ts'), 'utf8')).toBe('mine');
  expect(existsSync(join(other, '.github/workflows/nowhere'))).toBe(false);
  expect(readdirSync(join(other, 'tcpclose'))).toEqual(['first.ts']);
});
