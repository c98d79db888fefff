/** Boots one kernel with the packed program, and collects what it printed there. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signalChild } from '../../src/native/signal.ts';
import { cacheFolder } from './cache.ts';
import { type Step, writeInit } from './guest.ts';
import { Skip } from './skip.ts';
import { boot, type Kernel } from './user-mode.ts';

const run = promisify(execFile);

export interface Tried {
  readonly kernel: Kernel;
  /** uname -r. */
  readonly release: string;
  /** Of /proc/net/snmp and /proc/net/netstat. */
  readonly counters: string;
  readonly steps: ReadonlyMap<string, TriedStep>;
}

export interface TriedStep {
  readonly status: number;
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bootSeconds = 120;

/**
 * Installs a tarball of `npm pack` into a folder of its own. The caller removes it.
 * @throws Skip if what it needs cannot be had
 */
export async function installPacked(): Promise<string> {
  const folder = mkdtempSync(join(cacheFolder('kernels'), 'packed-'));
  const { stdout } = await run('npm', [
    'pack',
    '--silent',
    '--foreground-scripts=false',
    '--pack-destination',
    folder,
  ]);
  const tarball = join(folder, stdout.trim());
  const install = run('npm', [
    'install',
    '--silent',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--prefix',
    folder,
    tarball,
  ]);
  try {
    await install;
    rmSync(tarball);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw new Skip(`the package cannot be installed (${(error as Error).message.trim().split('\n').at(-1)})`);
  }
  return folder;
}

/** @throws Skip if it does not boot here */
export async function tryKernel(
  kernel: Kernel,
  packed: string,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<Tried> {
  const folder = mkdtempSync(join(cacheFolder('kernels'), 'guest-'));
  try {
    await run('cp', ['-a', join(packed, 'node_modules'), folder]);
    const init = writeInit({ folder, modules: kernel.modules, node: process.execPath, steps });
    const log = join(folder, 'log');
    const limit = bootSeconds + steps.reduce((sum, { limitSeconds }) => sum + limitSeconds + 30, 0);
    const child = boot({ kernel, init, folder, log, memory: '3G' });
    const ended = once(child, 'exit');
    const until = AbortSignal.any([signal, AbortSignal.timeout(limit * 1000)]);
    const end = () => void signalChild(child, 'SIGKILL');
    until.addEventListener('abort', end);
    if (until.aborted) end();
    await ended.catch((error) => {
      throw new Skip(`it cannot be started (${error.message}): install util-linux`);
    });
    until.removeEventListener('abort', end);
    signal.throwIfAborted();
    return collect(folder, kernel, steps, readFileSync(log, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function collect(folder: string, kernel: Kernel, steps: readonly Step[], log: string): Tried {
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const seconds = (name: string) => Number(read(name).trim() || Number.NaN);
  if (read('booted') === '') {
    const last = log.trim().split('\n').slice(-3).join(' / ');
    throw new Skip(`${kernel.origin} does not boot here: ${last || 'it said nothing'}`);
  }
  let before = seconds('booted');
  const found = steps.map(({ name }): [string, TriedStep] => {
    const at = seconds(`${name}.uptime`);
    const step = {
      status: Number(read(`${name}.status`).trim() || Number.NaN),
      seconds: at - before,
      stdout: read(`${name}.json`),
      stderr: read(`${name}.err`),
    };
    before = at;
    return [name, step];
  });
  return { kernel, release: read('kernel').trim(), counters: read('counters'), steps: new Map(found) };
}
