/**
 * User-mode Linux: a kernel that runs as a process, with this machine's own root, read-only, and an init of one's own. It has no
 * network but its own, one core, and no disk.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Apt } from './packages.ts';
import { Skip } from './skip.ts';
import type { Suite } from './suites.ts';

export interface Kernel {
  readonly version: string;
  /** The package that it came in: `user-mode-linux 6.1um4+b13 (bookworm)`. */
  readonly origin: string;
  readonly program: string;
  /** The folder of the libraries that it was linked with. */
  readonly libraries: string;
  /** For `modprobe --dirname`. */
  readonly modules: string;
  /** Its configuration: `CONFIG_VETH=m` ... */
  readonly config: string;
}

const interpreter = '/lib64/ld-linux-x86-64.so.2';

/** @throws Skip if it cannot be had */
export async function fetchKernel({ version, suite }: Suite): Promise<Kernel> {
  if (process.arch !== 'x64') throw new Skip(`user-mode Linux needs x86-64, and this is ${process.arch}`);
  const apt = new Apt(suite);
  const [uml, libc] = [await apt.unpacked('user-mode-linux'), await apt.unpacked('libc6')];
  const libraries = librariesIn(libc.folder);
  const program = join(libraries, 'linux');
  const original = join(uml.folder, 'usr/bin/linux.uml');
  if (!existsSync(program)) writeProgram(original, program);
  return {
    version,
    origin: `user-mode-linux ${uml.version} (${suite})`,
    program,
    libraries,
    modules: modulesIn(uml.folder),
    config: join(uml.folder, 'usr/share/doc/user-mode-linux/config.gz'),
  };
}

// A kernel of a newer suite wants a newer C library than this machine may have. It starts with its own: the loader is looked for in the
// folder that it is started in, and the path of its libraries is in its environment. Run by that loader it would not find its own
// memory, since the heap would lie behind the loader.
function writeProgram(original: string, program: string): void {
  const bytes = readFileSync(original);
  const at = bytes.indexOf(`${interpreter}\0`);
  if (at === -1) throw new Skip(`${original} does not start with ${interpreter}`);
  bytes.fill(0, at, at + interpreter.length);
  bytes.write('./ld.so', at);
  const loader = join(dirname(program), 'ld.so');
  if (!existsSync(loader)) symlinkSync(loaderIn(dirname(program)), loader);
  writeFileSync(`${program}.new`, bytes);
  chmodSync(`${program}.new`, 0o755);
  renameSync(`${program}.new`, program);
}

function loaderIn(folder: string): string {
  const name = readdirSync(folder).find((file) => file.startsWith('ld-linux') || /^ld-2.*\.so$/.test(file));
  if (name === undefined) throw new Skip(`${folder} has no loader`);
  // An absolute link would lead to the machine's own.
  try {
    const target = readlinkSync(join(folder, name));
    return target.split('/').at(-1) ?? name;
  } catch {
    return name;
  }
}

// Newer suites have all of it below /usr.
function librariesIn(folder: string): string {
  const [old, merged] = ['lib', 'usr/lib'].map((path) => join(folder, path, 'x86_64-linux-gnu'));
  return old !== undefined && existsSync(join(old, 'libc.so.6')) ? old : (merged ?? folder);
}

function modulesIn(folder: string): string {
  const all = join(folder, 'usr/lib/uml/modules');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  if (!existsSync(join(folder, 'lib/modules'))) symlinkSync(all, join(folder, 'lib/modules'));
  return folder;
}

export interface Booting {
  readonly kernel: Kernel;
  /** The path of its init, a program or a script, on this machine. */
  readonly init: string;
  /** For its sockets and its memory, if there is no tmpfs. */
  readonly folder: string;
  /** Everything it says. */
  readonly log: string;
  readonly memory: string;
  /** Put before the command, such as what enters a network namespace. */
  readonly prefix?: readonly string[];
  /** Further words of its command line. */
  readonly words?: readonly string[];
}

/**
 * Boots it, in a pid namespace of its own: whatever ends this process, nothing of it is left.
 * Its child ends with 0 when it has powered off.
 */
export function boot({ kernel, init, folder, log, memory, prefix = [], words = [] }: Booting): ChildProcess {
  const output = openSync(log, 'w');
  const isRoot = process.getuid?.() === 0;
  const command = [
    ...prefix,
    ...['setpriv', '--pdeathsig', 'KILL', '--'],
    ...['unshare', ...(isRoot ? [] : ['--user', '--map-root-user'])],
    ...['--pid', '--fork', '--kill-child=KILL', '--mount-proc', '--'],
    ...['env', `LD_LIBRARY_PATH=${kernel.libraries}`],
    ...['./linux', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `mem=${memory}`],
    ...[
      'con=null',
      'con0=fd:0,fd:1',
      `uml_dir=${join(folder, 'uml')}`,
      `umid=${kernel.version}`,
      'quiet',
      `init=${init}`,
    ],
    ...words,
  ];
  const [program = '', ...args] = command;
  const shared = existsSync('/dev/shm') ? '/dev/shm' : folder;
  return spawn(program, args, {
    cwd: dirname(kernel.program),
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'], TMPDIR: shared },
  });
}
