import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'tcpclose-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The log of a server of ours: which requests it got, began to answer, and has answered, by the name that each has. */
export class RequestLog {
  static #count = 0;
  readonly path = join(folder, `${++RequestLog.#count}.log`);

  get got(): Set<string> {
    return this.#names('got');
  }

  get answered(): Set<string> {
    return this.#names('answered');
  }

  /** Those that it was answering when it was killed: its client may have the answer or not. */
  get undecided(): Set<string> {
    const { answered } = this;
    return new Set([...this.#names('answers')].filter((name) => !answered.has(name)));
  }

  #names(word: string): Set<string> {
    const text = existsSync(this.path) ? readFileSync(this.path, 'utf8') : '';
    const names = text
      .split('\n')
      .flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
    // Those of tcpclose's own looks, before the load and after the restart.
    return new Set(names.filter((name) => !['undefined', 'None', 'tcpclose-0'].includes(name)));
  }
}
