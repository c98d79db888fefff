/** Real servers with a log of their own, in which each request has its name. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownLine, type ReadLine } from '../../../support/request-log.ts';

export interface Start {
  readonly port: number;
  /** Where it writes its log. */
  readonly log: string;
  /** A folder of its own. */
  readonly folder: string;
}

export interface LoggingServer {
  /** Why it cannot be started here, or null. */
  lacks(): string | null;
  command(start: Start): readonly string[];
  readonly read: ReadLine;
  readonly options?: readonly string[];
  /** Where the usual load is too much. */
  readonly load?: string;
  /** Causes of which at least one must be found; none if it may lose nothing but what nobody could answer. */
  readonly causes?: readonly string[];
}

/** Of an access log that has the name, the status, and whether all was sent. */
export const accessLine =
  (pattern: RegExp): ReadLine =>
  (line) => {
    const own = ownLine(line);
    if (own !== undefined) return own;
    const { name, status, whole } = pattern.exec(line)?.groups ?? {};
    if (name === undefined || name === '-') return undefined;
    return { word: status === '200' && whole !== undefined ? 'answered' : 'not answered', name };
  };

export function write({ folder }: Start, name: string, text: string | Buffer): string {
  const file = join(folder, name);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  writeFileSync(file, text);
  return file;
}
