import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where a server is started. */
export interface Room {
  readonly port: number;
  /** A folder of its own, which everybody may write to. */
  readonly folder: string;
  /** Where packages of npm are installed. */
  readonly modules: string;
}

/** A server as its documentation starts it, with nothing set but the address and what it answers. */
export interface ServerKind {
  readonly title: string;
  /** The language in which it is written. */
  readonly language: string;
  /** What has to be installed. */
  readonly program: string;
  /** The package that has it: of Debian, or of npm; neither for what comes with Node or Python itself. */
  readonly from:
    | { readonly debian: string }
    | { readonly npm: string }
    | { readonly versionOf: readonly [string, ...string[]] };
  /** What it answers after a second or more, if it can. */
  readonly slowPath?: string;
  /** What the load asks for, if it is not all of `usualLoad`. */
  readonly load?: string;
  /** Of a protocol other than HTTP. */
  readonly request?: string;
  readonly answer?: string;
  /** The signal of its orderly end, if its documentation names another one than TERM. */
  readonly graceful?: 'SIGQUIT' | 'SIGUSR1' | 'SIGWINCH' | 'SIGINT';
  command(room: Room): readonly string[];
}

export function file({ folder }: Room, name: string, text: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A folder with a page, and a large file for those that can be told to send it slowly. */
export function site(room: Room): string {
  file(room, 'www/index.html', 'hello\n');
  file(room, 'www/slow', Buffer.alloc(100_000, 'x'));
  return join(room.folder, 'www');
}

/** A server that a package of Debian has. */
export function kind(
  language: string,
  title: string,
  program: string,
  debian: string,
  command: ServerKind['command'],
  more: Partial<ServerKind> = {},
): ServerKind {
  return { title, language, program, from: { debian }, command, ...more };
}

/** A server that answers a request for this path only after a second. */
export const slow = { slowPath: '/slow' } as const;

/** With few clients, for a server that gives each connection a process or thread of its own and has only some of them. */
export const smallLoad = 'new=10/s,pooled=2,idle=1';
