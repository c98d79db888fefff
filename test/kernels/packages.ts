/** Debian's packages, downloaded with an apt state of their own: the machine's own lists, sources and packages stay as they are. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache.ts';
import { Skip } from './skip.ts';

const run = promisify(execFile);
const listsLastMs = 24 * 3_600_000;

/** A package of a suite, unpacked into a folder of the cache. */
export interface Unpacked {
  readonly folder: string;
  readonly version: string;
}

export class Apt {
  readonly #folder: string;
  readonly #suite: string;

  /** `mirror`: where Debian is fetched from: TCPCLOSE_DEBIAN in the environment, or the usual one. */
  constructor(suite: string, mirror = process.env['TCPCLOSE_DEBIAN'] || 'http://deb.debian.org/debian') {
    this.#suite = suite;
    this.#folder = cacheFolder('kernels', suite);
    for (const name of ['lists/partial', 'archives/partial', 'empty'])
      mkdirSync(join(this.#folder, name), { recursive: true });
    writeFileSync(join(this.#folder, 'status'), '');
    writeFileSync(join(this.#folder, 'sources.list'), `deb ${mirror} ${suite} main\n`);
    writeFileSync(this.#conf, this.#configuration());
  }

  /** Downloads and unpacks it, unless the cache has that version. @throws Skip if it cannot be had */
  async unpacked(name: string): Promise<Unpacked> {
    await this.#update();
    const version = await this.#candidate(name);
    const folder = join(this.#folder, `${name}_${version.replaceAll(/[^\w.+~-]/g, '_')}`);
    if (!existsSync(folder)) await this.#unpack(name, version, folder);
    return { folder, version };
  }

  get #conf(): string {
    return join(this.#folder, 'apt.conf');
  }

  async #update(): Promise<void> {
    const stamp = join(this.#folder, 'updated');
    if (existsSync(stamp) && Date.now() - statSync(stamp).mtimeMs < listsLastMs) return;
    try {
      await this.#apt('apt-get', 'update', '-qq');
      writeFileSync(stamp, '');
    } catch (error) {
      // Old lists are good enough if nothing answers.
      if (!existsSync(stamp))
        throw new Skip(`the lists of Debian's ${this.#suite} cannot be fetched (${whyOf(error)})`);
    }
  }

  async #candidate(name: string): Promise<string> {
    const { stdout } = await this.#apt('apt-cache', 'show', '--no-all-versions', name).catch(() => ({
      stdout: '',
    }));
    const version = /^Version: (.+)$/m.exec(stdout)?.[1];
    if (version === undefined)
      throw new Skip(`Debian's ${this.#suite} has no package ${name} for this machine`);
    return version;
  }

  async #unpack(name: string, version: string, folder: string): Promise<void> {
    const archives = join(this.#folder, 'archives');
    const unfinished = `${folder}.${process.pid}.new`;
    try {
      await this.#apt('apt-get', 'download', '-qq', `${name}=${version}`);
      const archive = readdirSync(archives).find(
        (file) => file.startsWith(`${name}_`) && file.endsWith('.deb'),
      );
      if (archive === undefined) throw new Error('no archive came');
      await run('dpkg-deb', ['-x', join(archives, archive), unfinished]);
      rmSync(join(archives, archive));
      renameSync(unfinished, folder);
    } catch (error) {
      throw new Skip(`${name} ${version} of Debian's ${this.#suite} cannot be fetched (${whyOf(error)})`);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }

  #apt(program: string, ...args: readonly string[]) {
    const env = { ...process.env, APT_CONFIG: this.#conf, LC_ALL: 'C' };
    return run(program, args, { env, cwd: join(this.#folder, 'archives'), maxBuffer: 2 ** 26 });
  }

  #configuration(): string {
    const at = (name: string) => JSON.stringify(join(this.#folder, name));
    return [
      `Dir::State ${at('.')};`,
      `Dir::State::lists ${at('lists')};`,
      `Dir::State::status ${at('status')};`,
      `Dir::Cache ${at('.')};`,
      `Dir::Cache::archives ${at('archives')};`,
      `Dir::Etc::sourcelist ${at('sources.list')};`,
      `Dir::Etc::sourceparts ${at('empty')};`,
      `Dir::Etc::preferencesparts ${at('empty')};`,
      `Dir::Etc::preferences ${at('no-preferences')};`,
      'Acquire::Languages "none";',
      'Acquire::GzipIndexes "true";',
      // As the user who runs this, who may read its cache.
      'APT::Sandbox::User "";',
      '',
    ].join('\n');
  }
}

function whyOf(error: unknown): string {
  const { code, stderr = '', message } = error as Error & { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'apt-get or dpkg-deb is missing: it needs Debian or a relative of it';
  return (stderr.trim().split('\n').at(-1) || message).slice(0, 200);
}
