import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * A folder that is removed when the tests of the file, or of the block, are over.
 * @param mode for a test whose programs run as another user, who may not enter it otherwise
 */
export function temporaryFolder(name: string, mode = 0o700): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(folder, mode);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
