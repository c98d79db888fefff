import { type BigIntStats, closeSync, constants, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Harmless } from '../foreign.ts';
import { unlinkAs } from '../native/as-user.ts';
import type { FileIdentity, UnixDiag, UnixSocket } from '../native/unix-diag.ts';
import { unixPath } from './target.ts';

/** O_PATH of open(2): a descriptor of the place, without opening the file. Node does not define it. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** What happened to the file at the end. */
type Removal = { readonly state: 'removed' | 'gone' } | { readonly state: 'left'; readonly reason: string };

/**
 * The file of a Unix socket on which a server was found listening. From then on, descriptors hold its folder and the file itself, so
 * neither a later link in the path nor a file with a reused inode number can be mistaken for it.
 */
export class SocketFile {
  readonly #folder: number;
  readonly #name: Buffer;
  readonly #file: number;
  /** Its path as the server gave it, for display. */
  readonly shown: Harmless;

  private constructor(shown: Harmless, folder: number, name: Buffer, file: number) {
    this.shown = shown;
    this.#folder = folder;
    this.#name = name;
    this.#file = file;
  }

  /**
   * Looks for the file that bind(2) made for a name, from each of these places: a relative name starts at the working directory of the
   * process that gave it, an absolute one at its root. Returns undefined if none of them has that file.
   */
  static find(
    { name, file }: Pick<UnixSocket, 'name' | 'file'>,
    pids: readonly number[],
    folder: string,
  ): SocketFile | undefined {
    if (file === null) return undefined;
    const isAbsolute = name[0] === slash;
    const bases = pids.map((pid) => `/proc/${pid}/${isAbsolute ? 'root' : 'cwd'}`);
    for (const base of [...bases, isAbsolute ? '' : folder]) {
      const found = SocketFile.#open(unixPath(name), Buffer.concat([Buffer.from(`${base}/`), name]), file);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  static #open(shown: Harmless, path: Buffer, identity: FileIdentity): SocketFile | undefined {
    const at = path.lastIndexOf(slash);
    const name = path.subarray(at + 1);
    const folder = openPath(path.subarray(0, at + 1), O_DIRECTORY);
    if (folder === undefined) return undefined;
    const file = openPath(within(folder, name), O_NOFOLLOW);
    if (file !== undefined) {
      if (isThat(statOf(file), identity)) return new SocketFile(shown, folder, Buffer.from(name), file);
      closeSync(file);
    }
    closeSync(folder);
    return undefined;
  }

  /** A path to this file for as long as it is held, wherever its name leads by then. */
  get path(): Buffer {
    return Buffer.from(`/proc/self/fd/${this.#file}`);
  }

  /** Removes the file if it is still there under its name, and no socket is bound to it. */
  remove(diag: UnixDiag): Removal {
    const own = statOf(this.#file);
    const now = openPath(within(this.#folder, this.#name), O_NOFOLLOW);
    if (now === undefined) return { state: 'gone' };
    try {
      const there = statOf(now);
      if (there.dev !== own.dev || there.ino !== own.ino) return { state: 'gone' };
      if (diag.all().some(({ file }) => file !== null && isThat(own, file))) {
        return { state: 'left', reason: 'a process still has a socket there' };
      }
      unlinkAs({ uid: Number(own.uid), gid: Number(own.gid) }, this.#folder, this.#name);
      return { state: 'removed' };
    } catch (error) {
      return { state: 'left', reason: messageOf(error) };
    } finally {
      closeSync(now);
    }
  }

  close(): void {
    closeSync(this.#file);
    closeSync(this.#folder);
  }
}

const slash = '/'.charCodeAt(0);

function isThat(stats: BigIntStats, { device, inode }: FileIdentity): boolean {
  return stats.isSocket() && Number(stats.dev) === device && Number(stats.ino & 0xffff_ffffn) === inode;
}

function statOf(fd: number): BigIntStats {
  return fstatSync(fd, { bigint: true });
}

function within(folder: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder}/`), name]);
}

function openPath(path: Buffer, flags: number): number | undefined {
  try {
    return openSync(path, O_PATH | flags);
  } catch {
    return undefined;
  }
}
