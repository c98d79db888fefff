import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '../start-program.ts';
import { sleep } from '../time.ts';
import { reportLine } from './error-line.ts';

/** xdg-open may run as long as the browser that it started. */
const longestMs = 5000;

// A browser that writes to a pipe without a reader would be killed by SIGPIPE.
const intoNothing = 'exec xdg-open "$1" >/dev/null 2>&1';
const notFound: readonly unknown[] = [126, 127];
const notStarted = 'xdg-open, which shows pages in the browser, could not be started';

/** Shows a page in the user's browser. If that fails, it says so: the page has been written in any case. */
export async function openPage(path: string): Promise<void> {
  const url = pathToFileURL(resolve(path)).href;
  const failed = (why: string) => reportLine(`${why}: open ${path} in a browser yourself`);
  try {
    const { child } = await startProgram(['sh', '-c', intoNothing, 'sh', url], {
      stdin: 'ignore',
      env: process.env,
    });
    const ended = await Promise.race([child, sleep(longestMs)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
    if (ended !== undefined && ended.exitCode !== 0)
      failed(notFound.includes(ended.exitCode) ? notStarted : `xdg-open failed (${endOf(ended)})`);
  } catch {
    failed(notStarted);
  }
}

function endOf({ exitCode, signal }: { readonly exitCode?: number; readonly signal?: string }): string {
  return signal === undefined ? `exit ${exitCode}` : `by ${signal}`;
}
