import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { missing } from '../support/machine.ts';
import { tcpclose } from '../support/program.ts';
import { unless } from '../support/skips.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = fileURLToPath(new URL('../../dist/man', import.meta.url));
const shown = commands.filter(({ hidden }) => !hidden);

/** The page as text; mandoc prints bold letters twice, with a backspace between. */
function readPage(file: string): string {
  const args = ['-T', 'ascii', '-O', 'width=400', join(folder, file)];
  const parts = execFileSync('mandoc', args, { encoding: 'utf8' }).split('\b');
  return parts.map((part, i) => (i === parts.length - 1 ? part : part.slice(0, -1))).join('');
}

test('there is a page for the program and for each command that help lists', () => {
  const wanted = ['tcpclose.1', ...shown.map(({ name }) => `tcpclose-${name}.1`)];
  expect(readdirSync(folder).sort()).toEqual(wanted.sort());
});

describe('as mandoc reads them', unless(missing('mandoc')), () => {
  const installed = temporaryFolder('man');

  test('no page has a warning, or anything that its lint finds in the style', () => {
    // Beside the pages that they name: mandoc looks for each.
    const files = readdirSync(folder);
    for (const section of ['man1', 'man7', 'man8']) mkdirSync(join(installed, section));
    for (const file of files) copyFileSync(join(folder, file), join(installed, 'man1', file));
    for (const file of ['man7/tcp.7', 'man8/ss.8']) writeFileSync(join(installed, file), '.Dd $Mdocdate$\n');
    const names = files.map((file) => join(installed, 'man1', file));
    const args = ['-M', installed, '-T', 'lint', '-W', 'style', ...names];
    const { stdout, status } = spawnSync('mandoc', args, { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });

  test.each(shown)('$name has every option, status and example of its help', async ({ name, examples }) => {
    const { stdout } = await tcpclose([name, '--help']);
    const page = readPage(`tcpclose-${name}.1`);
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = '']) => flag);
    expect(flags.filter((flag) => !page.includes(flag))).toEqual([]);
    expect(examples.filter((rest) => !page.includes(`tcpclose ${name} ${rest}`.trimEnd()))).toEqual([]);
    const [, help = ''] = /Exit status:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
    const statuses = [...help.matchAll(/^ {2}(\d+)/gm)].map(([, status = '']) => status);
    expect(statuses).toEqual(expect.arrayContaining(['0', '2']));
    for (const status of statuses) expect(page).toMatch(new RegExp(`^ +${status}\\b`, 'm'));
  });
});
