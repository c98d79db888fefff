/** A machine of its own with a kernel that a test may change as it likes: user-mode Linux, on the root of this machine, read-only. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signalChild } from '../../src/native/signal.ts';
import { cacheFolder } from '../kernels/cache.ts';
import { writeInit } from '../kernels/guest.ts';
import { Skip } from '../kernels/skip.ts';
import { suites } from '../kernels/suites.ts';
import { boot, fetchKernel, type Kernel } from '../kernels/user-mode.ts';
import { Errands, type Finished, runErrands } from './errands.ts';
import { until } from './until.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const program = `${process.execPath} /run/tcpclose/dist/tcpclose.cjs`;

/** The kernel of this version; the reason if it cannot be had. */
export async function kernelOf(version: string): Promise<Kernel | string> {
  const suite = suites.find((one) => one.version === version);
  if (suite === undefined) throw new Error(`no suite has ${version}`);
  try {
    return await fetchKernel(suite);
  } catch (error) {
    if (error instanceof Skip) return error.message;
    throw error;
  }
}

export class GuestMachine {
  readonly #folder = mkdtempSync(join(cacheFolder('kernels'), 'guest-'));
  readonly #errands = new Errands(this.#folder);
  readonly #child;
  readonly #ended;

  private constructor(kernel: Kernel) {
    const folder = this.#folder;
    // The project may lie below a folder that is an empty one there, such as /tmp.
    const before = [
      'export NO_COLOR=1; mkdir /run/tcpclose',
      `mount -t hostfs -o '${project}' program /run/tcpclose`,
      'cd /mnt',
      runErrands,
    ];
    const init = writeInit({ folder, modules: kernel.modules, node: process.execPath, steps: [], before });
    this.#child = boot({ kernel, init, folder, log: join(folder, 'log'), memory: '512M' });
    this.#ended = once(this.#child, 'exit');
  }

  static async boot(kernel: Kernel): Promise<GuestMachine> {
    const machine = new GuestMachine(kernel);
    try {
      await until(
        `${kernel.origin} to boot`,
        () => machine.#errands.areRun || machine.#child.exitCode !== null,
        180_000,
      );
      if (!machine.#errands.areRun) throw new Error('it has ended');
      return machine;
    } catch (error) {
      const said = readFileSync(join(machine.#folder, 'log'), 'utf8').slice(-2000);
      await machine.end();
      throw new Error(said, { cause: error });
    }
  }

  /** Runs commands of a shell there. */
  run(script: string): Promise<Finished> {
    return this.#errands.run(script);
  }

  /** The same. @throws if they fail */
  async does(script: string): Promise<string> {
    const { stdout, stderr, status } = await this.run(script);
    if (status !== 0) throw new Error(`${script}: ${status} ${stderr}`);
    return stdout;
  }

  tcpclose(args: string): Promise<Finished> {
    return this.run(`exec ${program} ${args}`);
  }

  /** Ends it, with all its processes. */
  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      signalChild(this.#child, 'SIGKILL');
      await this.#ended;
    }
    rmSync(this.#folder, { recursive: true });
  }
}
