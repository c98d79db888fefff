import { closeSync, openSync, writeFileSync } from 'node:fs';
import { messageOf, UsageError } from '../../errors.ts';
import type { Event } from '../../events.ts';
import { encodePcap } from '../../observe/packets/pcap.ts';
import type { Reporter } from '../reporter.ts';

/** Writes all packets of a run to a file. */
export class PcapFile implements Reporter {
  readonly #fd: number;

  /** @throws UsageError `bad-file` when it cannot be written, before anything has been done */
  constructor(path: string) {
    if (path === '-') {
      throw new UsageError(
        'bad-file',
        '--pcap: "-" is no file, and standard output is where the run is told: give the name of a file',
      );
    }
    try {
      this.#fd = openSync(path, 'w');
    } catch (error) {
      throw new UsageError(
        'bad-file',
        `"${path}" cannot be written (${messageOf(error)}): choose another file with --pcap`,
        error,
      );
    }
  }

  on(event: Event): void {
    if (event.type === 'recorded') {
      const packets = event.recording.segments.map(({ at, packet }) => ({
        epochMs: performance.timeOrigin + at,
        packet,
      }));
      writeFileSync(this.#fd, encodePcap(packets));
    }
    if (event.type === 'run finished') closeSync(this.#fd);
  }
}
