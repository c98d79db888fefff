import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '../start-program.ts';
import { sleep } from '../time.ts';
import { reportLine } from './error-line.ts';

/** xdg-open may stay as long as the browser that it has started. */
const longestMs = 5000;

/** Shows a page in the user's browser. If that fails, it says so: the page is there in any case. */
export async function openPage(path: string): Promise<void> {
  const url = pathToFileURL(resolve(path)).href;
  const failed = (why: string) => reportLine(`${why}: open ${path} in a browser yourself`);
  try {
    const { child } = await startProgram(['xdg-open', url], { stdin: 'ignore', env: process.env });
    child.stdout?.destroy();
    child.stderr?.destroy();
    const ended = await Promise.race([child, sleep(longestMs)]);
    child.unref();
    if (ended !== undefined && ended.exitCode !== 0)
      failed(`xdg-open failed (exit ${ended.exitCode ?? 'by a signal'})`);
  } catch {
    failed('xdg-open, which shows pages in the browser, could not be started');
  }
}
