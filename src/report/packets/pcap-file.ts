import { closeSync, constants, ftruncateSync, openSync, rmSync, statSync } from 'node:fs';
import { messageOf, UsageError } from '../../errors.ts';
import type { Event, StepEvent } from '../../events.ts';
import { reasonOf } from '../../system-error.ts';
import { writeWhole } from '../../write-whole.ts';
import type { Reporter } from '../reporter.ts';
import type { CheckEvent } from './comments.ts';
import { pcapngOf, pcapOf } from './pcap-of.ts';

/** Writes all packets of a run to a file: as pcapng, with a comment on each packet, if the name ends in `.pcapng`, otherwise as pcap. */
export class PcapFile implements Reporter<Event> {
  readonly #path: string;
  readonly #fd: number;
  readonly #isNew: boolean;
  #state: 'empty' | 'written' = 'empty';
  readonly #steps: StepEvent[] = [];
  readonly #checks: CheckEvent[] = [];

  /** @throws UsageError `bad-file` if it cannot be written, before anything has been done */
  constructor(path: string) {
    if (path === '-') {
      throw new UsageError(
        'bad-file',
        '--pcap: "-" is not a file, and standard output carries the report: give the name of a file',
      );
    }
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) throw unwritable(path, 'it is not a regular file');
    try {
      // Its old contents are replaced only once there are new ones.
      this.#fd = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
    } catch (error) {
      throw unwritable(path, messageOf(error), error);
    }
    this.#path = path;
    this.#isNew = there === undefined;
  }

  onEvent(event: Event): void {
    if (event.type === 'step') this.#steps.push(event);
    if (event.type === 'check') this.#checks.push(event);
    if (event.type === 'recorded') {
      const story = { steps: this.#steps, checks: this.#checks };
      const { recording } = event;
      this.#write(this.#path.endsWith('.pcapng') ? pcapngOf(recording, story) : pcapOf(recording));
    }
    if (event.type === 'run finished') {
      closeSync(this.#fd);
      if (this.#isNew && this.#state === 'empty') rmSync(this.#path, { force: true });
    }
  }

  #write(bytes: Buffer): void {
    try {
      ftruncateSync(this.#fd);
      writeWhole(this.#fd, bytes);
      this.#state = 'written';
    } catch (error) {
      ftruncateSync(this.#fd);
      throw unwritable(this.#path, reasonOf(error), error);
    }
  }
}

function unwritable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(
    'bad-file',
    `"${path}" cannot be written (${why}): choose another file with --pcap`,
    cause,
  );
}
