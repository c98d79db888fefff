import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packages that a table needs are no dependencies of tcpclose: they are installed in a folder of their own, and stay for the next time. */
export const cache = join(tmpdir(), 'tcpclose-tables');

/** Installs packages of npm into a folder of that name. Returns the folder and the versions, or npm's last words if that fails. */
export function install(
  name: string,
  packages: readonly string[],
  where = cache,
):
  | { readonly folder: string; readonly versions: Readonly<Record<string, string>> }
  | { readonly why: string } {
  const folder = join(where, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'tables', private: true }));
  if (packages.length === 0) return { folder, versions: {} };
  const args = ['install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error', ...packages];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) return { why: `npm cannot install it: ${stderr.trim().split('\n').at(-1)}` };
  const versionOf = (name: string) =>
    JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version as string;
  const names = packages.map((name) => name.replace(/(?<=.)@.*/, ''));
  return { folder, versions: Object.fromEntries(names.map((name) => [name, versionOf(name)])) };
}

/** The newest Node of that major version. */
export function nodeOf(
  major: number,
): { readonly binary: string; readonly version: string } | { readonly why: string } {
  const name = `node-linux-${process.arch}`;
  const installed = install(`node-${major}`, [`${name}@${major}`]);
  if ('why' in installed) return installed;
  return {
    binary: join(installed.folder, 'node_modules', name, 'bin/node'),
    version: installed.versions[name] ?? '',
  };
}
