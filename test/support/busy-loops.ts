import { type ChildProcess, spawn } from 'node:child_process';

// It ends with its parent, since nobody would end it otherwise.
const loop = `
const parent = process.ppid;
for (;;) {
  for (const until = Date.now() + 500; Date.now() < until; );
  if (process.ppid !== parent) process.exit();
}`;

/** Starts processes that take a core each, as far as they get one. */
export function startBusyLoops(count: number): { end(): void } {
  const loops: ChildProcess[] = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }),
  );
  return {
    end() {
      for (const loop of loops) loop.kill('SIGKILL');
    },
  };
}
