import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RestartDocument } from '../../src/report/documents/restart.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder('tcpclose-log');

type Load = NonNullable<RestartDocument['runs'][number]['load']>;

/**
 * What a line of a log says of a request: that the server got it, began to answer, has answered, or did not answer in full. A log of
 * accesses has only the last two.
 */
export interface Entry {
  readonly word: 'got' | 'answers' | 'answered' | 'not answered';
  readonly name: string;
}

/** Reads a line; undefined for one about something else. */
export type ReadLine = (line: string) => Entry | undefined;

/** As the servers of ours write it: `answered tcpclose-7`. */
export const ownLine: ReadLine = (line) => {
  const [, word, name = ''] = /^(got|answers|answered) (\S+)$/.exec(line) ?? [];
  return word === undefined ? undefined : { word: word as Entry['word'], name };
};

/** The log of a server: what became of its requests, by the name that each has. */
export class RequestLog {
  static #count = 0;
  readonly path = join(folder, `${++RequestLog.#count}.log`);
  readonly #read: ReadLine;

  constructor(read: ReadLine = ownLine) {
    this.#read = read;
  }

  get got(): Set<string> {
    return this.#names('got', 'answered', 'not answered');
  }

  get answered(): Set<string> {
    return this.#names('answered');
  }

  /** Those that it was answering when it was killed: its client may have the answer or not. */
  get undecided(): Set<string> {
    const over = this.#names('answered', 'not answered');
    return new Set([...this.#names('answers')].filter((name) => !over.has(name)));
  }

  /** Whether it says what the server got before it says what became of it. */
  get arrivals(): 'logged' | 'not logged' {
    return this.#names('got').size > 0 ? 'logged' : 'not logged';
  }

  #names(...words: readonly Entry['word'][]): Set<string> {
    // A server may have a file for each start, whose name begins like that.
    const files = readdirSync(folder).filter((file) => join(folder, file).startsWith(this.path));
    const text = files.map((file) => readFileSync(join(folder, file), 'utf8'));
    const names = text
      .join('\n')
      .split('\n')
      .flatMap((line) => {
        const entry = this.#read(line);
        return entry !== undefined && words.includes(entry.word) ? [entry.name] : [];
      });
    // Those of tcpclose's own looks, before the load and after the restart.
    return new Set(names.filter((name) => !['undefined', 'None', '-', '', 'tcpclose-0'].includes(name)));
  }
}

/** The clients' account agrees with the server's log, request by request. */
export function expectAgreement(load: Load, log: RequestLog): void {
  const { got, answered, undecided } = log;
  const names = load.lostRequests.map(({ id, class: ending }) => ({ name: `tcpclose-${id}`, ending }));
  const lost = new Set(names.map(({ name }) => name));
  // Every request that it got is answered or lost, none is both, and all together are as many as the clients count.
  expect([...answered].filter((name) => lost.has(name))).toEqual([]);
  const unknown = [...got].filter((name) => !answered.has(name) && !lost.has(name));
  expect(unknown.filter((name) => !undecided.has(name))).toEqual([]);
  expect(answered.size + unknown.length).toBe(answeredOf(load));
  expect(lost.size).toBe(listedOf(load));
  // A part of an answer comes from a server that got the request.
  const cut = names.filter(({ ending }) => ending === 'cut').map(({ name }) => name);
  if (log.arrivals === 'logged') expect(cut.filter((name) => !got.has(name))).toEqual([]);
  // One that was refused never reached a server.
  expect(names.filter(({ name, ending }) => ending === 'refused' && got.has(name))).toEqual([]);
}

/** The document lists the first 1000 of each cause. */
function listedOf({ losses }: Load): number {
  return losses.reduce((sum, { lost }) => sum + Math.min(lost, 1000), 0);
}

function answeredOf({ kinds, lostRequests }: Load): number {
  const sum = kinds.reduce((sum, { before, after }) => sum + before.answered + after.answered, 0);
  return sum - lostRequests.filter(({ class: ending }) => ending === 'answered').length;
}
