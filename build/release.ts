/**
 * Releases the version of package.json: `npm run release -- [--dry-run] [--no-test]`. Builds, tests, packs, shows what would be
 * published, and tags it. A dry run stops before the tag; `--no-test` is for CI, where the tests have just run.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { changelogEntry } from './changelog.ts';
import { commandLine, unlessInterrupted } from './command-line.ts';

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const { values } = commandLine('npm run release -- [--dry-run] [--no-test]', {
  'dry-run': { type: 'boolean', default: false },
  'no-test': { type: 'boolean', default: false },
});
const mode = values['dry-run'] ? 'dry run' : 'release';
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly name: string;
  readonly version: string;
};
const tag = `v${version}`;
const entry = changelogEntry(readFileSync('CHANGELOG.md', 'utf8'), version);

refuse(reasons());
run('npm', 'run', 'build');
if (!values['no-test']) {
  run('npm', 'test');
  run('npm', 'run', 'test:ci');
}
refuse(uncommitted());
if (mode === 'release') refuse(unkeptSchemas());
show(pack());
if (mode === 'release') {
  run('git', 'tag', '--annotate', tag, '--message', `${name} ${version}\n\n${entry?.text}`);
  console.log(`\nTagged ${tag}. To publish it: git push origin ${tag} && npm publish`);
} else {
  console.log('\nA dry run: nothing was tagged or published.');
}

function reasons(): string[] {
  if (entry === null) return [`CHANGELOG.md has no entry for ${version}: add "## [${version}] - <date>"`];
  const found = uncommitted();
  if (mode === 'dry run') return found;
  if (entry.date === null)
    found.push(`CHANGELOG.md has no date for ${version}: write "## [${version}] - YYYY-MM-DD"`);
  if (read('git', 'tag', '--list', tag) !== '') found.push(`${tag} is tagged already: raise the version`);
  return found;
}

/** Readers of this version's documents are held by them in the versions to come. */
function unkeptSchemas(): string[] {
  const kept = `schemas/${version}`;
  const names = readdirSync('dist/schema');
  const isKept = names.every((name) => {
    const file = `${kept}/${name}`;
    return existsSync(file) && readFileSync(file, 'utf8') === readFileSync(`dist/schema/${name}`, 'utf8');
  });
  return isKept ? [] : [`${kept} has other schemas than dist: cp -r dist/schema/. ${kept}, and commit them`];
}

function uncommitted(): string[] {
  const changes = read('git', 'status', '--porcelain').trimEnd();
  return changes === '' ? [] : [`the work tree is not clean: commit or remove these\n${changes}`];
}

function refuse(found: readonly string[]): void {
  if (found.length === 0) return;
  for (const reason of found) console.error(`release: ${reason}`);
  process.exit(1);
}

function pack(): Packed {
  const output = read('npm', 'pack', '--dry-run', '--ignore-scripts', '--json');
  const [packed] = JSON.parse(output) as [Packed];
  return packed;
}

function show({ filename, files, size, unpackedSize }: Packed): void {
  console.log(
    `\n${name} ${version}: ${filename}, ${kilobytes(size)} (${kilobytes(unpackedSize)} unpacked)\n`,
  );
  for (const { path, size } of files) console.log(`${kilobytes(size).padStart(9)}  ${path}`);
  console.log(`\n${entry?.text}`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function run(program: string, ...args: readonly string[]): void {
  const { status } = unlessInterrupted(spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }));
  if (status !== 0) refuse([`"${program} ${args.slice(0, 2).join(' ')}" failed: see above`]);
}

function read(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}
