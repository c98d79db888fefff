import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../../src/lab/hosts/run-program.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder('run-program');

const shell = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args] as const;

/** A script that leaves another process, which holds its pipes and writes its pid to a file. */
const leavingOne = 'sleep 600 & echo $! > "$1.new" && mv "$1.new" "$1"';

async function untilThere(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('what a program prints, and how it ends', async () => {
  const script = shell('echo out; echo complaint >&2; exit 3');
  expect(await runProgram(script)).toEqual({ stdout: 'out\n', stderr: 'complaint\n', exitCode: 3 });
});

test('a missing program has the status -1', async () => {
  expect(await runProgram(['/no/such/program'])).toEqual({ stdout: '', stderr: '', exitCode: -1 });
});

test('a program that does not end is killed, with everything that it started', async () => {
  const file = join(folder, 'silent');
  const script = shell(`${leavingOne}; wait`, file);
  await expect(runProgram(script, undefined, 1000)).rejects.toThrow('did not end within 1 s');
  await untilThere(file);
  await expectToBeGone(file);
});

test('a program that has ended is over, though another holds its pipes', async () => {
  const file = join(folder, 'left');
  const { stdout, exitCode } = await runProgram(shell(`${leavingOne}; echo done`, file));
  expect({ stdout, exitCode }).toEqual({ stdout: 'done\n', exitCode: 0 });
  process.kill(await pidIn(file), 'SIGKILL');
});

test('an abort ends it and everything that it started at once, even after it has ended itself', async () => {
  const file = join(folder, 'aborted');
  const abort = new AbortController();
  const running = runProgram(shell(leavingOne, file), abort.signal);
  await untilThere(file);
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  await expectToBeGone(file);
});

test('an abort does not wait for a program that it cannot end', async () => {
  const file = join(folder, 'elsewhere');
  const abort = new AbortController();
  // In a session of its own, it holds the pipes though the group of the program is killed.
  const running = runProgram(shell(`setsid sh -c '${leavingOne}; wait' sh "$1"`, file), abort.signal);
  await untilThere(file);
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  process.kill(await pidIn(file), 'SIGKILL');
});

test('what the system refuses to start is its error', async () => {
  await expect(runProgram(['x'.repeat(5000)])).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  await expect(runProgram(['true', 'x'.repeat(1 << 20)])).rejects.toMatchObject({ code: 'E2BIG' });
});

test('nothing is started any more after an abort', async () => {
  const file = join(folder, 'never');
  await expect(runProgram(['touch', file], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(existsSync(file)).toBe(false);
});

async function pidIn(file: string): Promise<number> {
  const pid = Number((await runProgram(['cat', file])).stdout);
  expect(pid).toBeGreaterThan(1);
  return pid;
}

async function expectToBeGone(file: string): Promise<void> {
  const pid = await pidIn(file);
  const state = async () => (await runProgram(['ps', '-o', 'stat=', '-p', String(pid)])).stdout.trim();
  await expect.poll(state, { timeout: 20_000 }).toMatch(/^(Z.*)?$/);
}
