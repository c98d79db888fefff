import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProc } from './program.ts';

// Caches of the tools that the tests run with, and the folder of tmux' sockets.
const caches = /^(tsx-|node-compile-cache$|node-jiti$|jiti$|tmux-)/;

/** Marks every process that the tests start, gives them a temporary folder, and fails the run if any process or file of theirs is left. */
export default function leaveNothing(): () => Promise<void> {
  const mark = `TCPCLOSE_TESTS=${randomUUID()}`;
  const folder = mkdtempSync(join(tmpdir(), 'tcpclose-tests-'));
  // Tests become other users, too.
  chmodSync(folder, 0o1777);
  process.env['TCPCLOSE_TESTS'] = mark.split('=')[1];
  process.env['TMPDIR'] = folder;
  return async () => {
    const processes = await leftAfter(10_000, mark);
    const files = readdirSync(folder).filter((name) => !caches.test(name));
    rmSync(folder, { recursive: true, force: true });
    for (const line of processes) end(Number.parseInt(line, 10));
    const left = [...processes, ...files.map((name) => join(folder, name))];
    if (left.length === 0) return;
    // vitest takes no notice of what is thrown here.
    process.exitCode = 1;
    console.error(`\nThe tests left behind:\n${left.join('\n')}`);
  };
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

async function leftAfter(ms: number, mark: string): Promise<string[]> {
  const deadline = performance.now() + ms;
  for (;;) {
    const left = marked(mark);
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The processes with that mark in their environment, as pid and command line; this one got it later than its start. */
function marked(mark: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && readProc(`${entry}/environ`).split('\0').includes(mark))
    .map((pid) => `${pid} ${readProc(`${pid}/cmdline`).replaceAll('\0', ' ')}`);
}
