import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Wrapper {
  /** A PATH on which the program is found first. */
  readonly path: string;
  remove(): void;
}

/**
 * A program of that name before all others of PATH: a shell script that does something first. `$folder` is a folder for its notes; `real`, in it,
 * goes on as the program of that name that is installed.
 */
export function wrapper(name: string, script: string): Wrapper {
  const folder = mkdtempSync(join(tmpdir(), 'wrapper-'));
  chmodSync(folder, 0o777);
  const head = `#!/bin/sh\nfolder=${folder}\nreal() { PATH=$\{PATH#*:}; exec ${name} "$@"; }\n`;
  writeFileSync(join(folder, name), `${head}${script}\n`, { mode: 0o755 });
  return { path: `${folder}:${process.env['PATH']}`, remove: () => rmSync(folder, { recursive: true }) };
}
