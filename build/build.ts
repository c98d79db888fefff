/**
 * Builds `dist`: `tsx build/build.ts` all of it, `tsx build/build.ts children` only the programs of the child
 * processes, `tsx build/build.ts if-stale` all of it unless `dist` was built from the current sources.
 */
import { cpSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'rolldown';
import { bundles, childBundles } from './bundles.ts';
import { commandLine, refuse } from './command-line.ts';
import { installFiles } from './install.ts';
import { writeLicenses } from './licenses.ts';
import { writeManPages } from './man.ts';
import { writeSchemas } from './schemas.ts';
import { builtFrom, hashSources, stampFolder } from './sources.ts';
import { writeRequireTypes, writeTypes } from './types.ts';
import { waitForTurn } from './wait-for-turn.ts';

const target = 'dist';

const ways: Readonly<Record<string, (folder: string) => Promise<void>>> = { all, children };

async function all(folder: string): Promise<void> {
  // Hashed first: a source that changes during the build makes it stale.
  const sources = hashSources();
  const outputs = await build(bundles(folder));
  await writeSchemas(`${folder}/schema`);
  await writeManPages(`${folder}/man`);
  cpSync('src/report/evidence/verifier', `${folder}/verifier`, { recursive: true });
  cpSync('kernels', `${folder}/kernels`, { recursive: true });
  writeLicenses(`${folder}/THIRD-PARTY-LICENSES.txt`, outputs);
  await writeTypes(`${folder}/types`);
  writeRequireTypes(`${folder}/types`, `${folder}/require`);
  installFiles(folder, target, 'remove the others');
  stampFolder(target, sources);
}

async function children(folder: string): Promise<void> {
  await build(childBundles(folder));
  installFiles(folder, target, 'keep the others');
}

const { positionals } = commandLine('tsx build/build.ts [all|children|if-stale]', {}, 'words');
const [wanted = 'all'] = positionals;
const way = ways[wanted === 'if-stale' ? 'all' : wanted];
if (way === undefined) refuse(`"${wanted}" is not a way to build`);
await waitForTurn(`build of ${resolve(target)}`);
if (wanted !== 'if-stale' || builtFrom(target) !== hashSources()) {
  const folder = `${target}.new`;
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // A build that was killed leaves its folder.
  remove();
  try {
    await way(folder);
  } finally {
    remove();
  }
}
