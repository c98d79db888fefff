import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder to be put before PATH, in which an ss takes so long before it reads: as on a machine where it gets no turn. */
export function slowSs(seconds: number): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'slow-ss-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'ss');
  const script = `#!/bin/sh\n[ "$1" = -V ] || sleep ${seconds}\nPATH=$\{PATH#*:} exec ss "$@"\n`;
  writeFileSync(file, script, { mode: 0o755 });
  return {
    path: `${folder}:${process.env['PATH']}`,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
