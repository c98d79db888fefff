/**
 * Runs the mutants of list.ts in a copy of the tree, one after the other, and keeps what became of them:
 * `npm run mutants:across -- [part of a title]`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { commandLine, refuse, run } from '../../build/command-line.ts';
import { keep } from './kept.ts';
import { mutants } from './list.ts';

type Fate = 'caught' | 'survived' | 'cannot run';

const { positionals } = commandLine('npm run mutants:across -- [part of a title]', {}, 'words');
const wanted = positionals.join(' ');
const chosen = mutants.filter(({ title }) => title.includes(wanted));
if (chosen.length === 0) refuse(`no title of a mutant has "${wanted}" in it: see test/mutants/list.ts`);
const copy = mkdtempSync(join(tmpdir(), 'mutants-'));

try {
  copyTree();
  const fates: { readonly title: string; readonly fate: Fate }[] = [];
  for (const mutant of chosen) {
    const fate = await fateOf(mutant);
    console.log(`${fate}: ${mutant.title} (${mutant.caughtBy})`);
    fates.push({ title: mutant.title, fate });
  }
  const caught = fates.filter(({ fate }) => fate === 'caught').length;
  console.log(`${caught} of ${fates.length} mutants caught`);
  keepFates(fates);
  if (caught < fates.length) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function keepFates(fates: readonly { readonly title: string; readonly fate: Fate }[]): void {
  keep((before) => ({
    ...before,
    across: mutants.map(({ title, caughtBy }) => {
      const one =
        fates.find((fate) => fate.title === title) ?? before.across.find((one) => one.title === title);
      return { title, caughtBy, fate: one?.fate ?? 'not run' };
    }),
  }));
}

function copyTree(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((file) => file !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(file, join(copy, file), { verbatimSymlinks: true });
  }
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  cpSync('dist', join(copy, 'dist'), { recursive: true });
}

async function fateOf({ file, from, to, caughtBy, named }: (typeof mutants)[number]): Promise<Fate> {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) return 'cannot run';
  writeFileSync(
    path,
    original.replace(from, () => to),
  );
  try {
    const results = join(copy, 'results.json');
    rmSync(results, { force: true });
    const titled = named === undefined ? [] : ['-t', named];
    await run('npx', ['vitest', 'run', '--mode', 'all', caughtBy, ...titled], {
      cwd: copy,
      env: { ...process.env, TEST_RESULTS: results },
    });
    return readFate(results);
  } finally {
    writeFileSync(path, original);
  }
}

/** What has not run at all has caught nothing. */
function readFate(results: string): Fate {
  try {
    const { numFailedTests, numPassedTests } = JSON.parse(readFileSync(results, 'utf8'));
    if (numFailedTests > 0) return 'caught';
    return numPassedTests > 0 ? 'survived' : 'cannot run';
  } catch {
    return 'cannot run';
  }
}
