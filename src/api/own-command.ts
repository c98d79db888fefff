import { realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { packagePath } from '../package.ts';

/** Where sudo looks for programs by default. */
const pathsOfRoot = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The words that start this tcpclose from a shell: its name if the shell finds it by name, otherwise its path. */
export function ownCommand(): Record<'own' | 'root', readonly string[]> {
  const program = packagePath('dist/tcpclose.cjs');
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const byPath = [process.execPath, program];
  // sudo has its own path, which must contain Node as well.
  const forRoot = leads(pathsOfRoot, 'tcpclose', program) && leads(pathsOfRoot, 'node', process.execPath);
  const asRoot = forRoot ? ['tcpclose'] : byPath;
  return {
    own: leads(path, 'tcpclose', program) ? ['tcpclose'] : byPath,
    root: process.geteuid?.() === 0 ? asRoot : ['sudo', ...asRoot],
  };
}

/** Whether a shell finds this file by that name. */
function leads(folders: readonly string[], name: string, file: string): boolean {
  for (const folder of folders) {
    try {
      return realpathSync(join(folder, name)) === realpathSync(file);
    } catch {}
  }
  return false;
}
