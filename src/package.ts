import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = import.meta.url;

/** Whether this runs from source, as in development and in tests, or from a build. */
export const runsFromSource = here.endsWith('.ts');

const root = new URL(runsFromSource ? '..' : nearestPackage(here), here);

// Built files lie in dist or in a folder of it.
function nearestPackage(url: string): string {
  return /\/dist\/[^/]+$/.test(url) ? '..' : '../..';
}

/** The path of a file in the package. */
export function packagePath(path: string): string {
  return fileURLToPath(new URL(path, root));
}

/** The program of a peer, in one file. It is always built, because not every Node can run source. */
export const peerProgram = packagePath('dist/peer.cjs');

/** The program of a supervisor, built in the same way. */
export const supervisorProgram = packagePath('dist/supervisor.cjs');

/** The program of a load generator, built in the same way. */
export const loadProgram = packagePath('dist/load.cjs');

/** The program of a user's own scenario, built in the same way. */
export const ownFileProgram = packagePath('dist/own-file.cjs');

/** The code that `run` loads into Node programs whose calls cannot be watched. */
export const nodeHook = packagePath('dist/node-hook.cjs');

/** The folder of the scenarios, whose tree is the catalogue. */
export const scenariosFolder = packagePath(runsFromSource ? 'scenarios/' : 'dist/scenarios/');

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return version;
}
