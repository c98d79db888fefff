/** What a kind of server is, with nothing known of it but how it is started. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, isRoot } from '../../../support/machine.ts';

/** Where a start of it listens, and may write. */
export interface Room {
  readonly port: number;
  readonly folder: string;
}

export interface Kind {
  /** The program that has to be installed. */
  readonly program: string;
  readonly user?: 'root';
  command(room: Room): readonly string[];
  /** What a client sends, where it is one that waits for it. */
  readonly request?: string;
  /** Where it listens if not on the port: a path, or an abstract name that begins with @. */
  path?(room: Room): string;
  /** Of one that goes into the background. */
  pidFile?(room: Room): string;
  /** Where two restarts one after the other may come out differently, whoever makes them. */
  readonly outcome?: 'racy';
}

/** Why a kind cannot be tried here; null if it can. */
export function whySkipped({ program, user }: Kind, as: 'this one' | 'nobody'): string | null {
  if (!installed(program)) return `${program} is not installed`;
  return user === 'root' && (!isRoot || as === 'nobody') ? 'it needs root' : null;
}

export function file({ folder }: Room, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export const fixture = (name: string) => join(import.meta.dirname, '../../../fixtures/servers', name);

export const get = 'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n';

export const www = (room: Room) => {
  mkdirSync(join(room.folder, 'www'), { recursive: true });
  return join(room.folder, 'www');
};
