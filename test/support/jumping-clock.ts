import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';

const library = globSync('/usr/lib/*/faketime/libfaketime.so.1', { absolute: true })[0];

export const noFaketime = library === undefined ? 'faketime is not installed' : null;

/** A time of day that can be set for a program and all that it starts. The monotonic clock goes on, as it does when somebody sets the clock. */
export function jumpingClock(folder: string): {
  readonly prefix: readonly string[];
  setTo(offsetSeconds: number): void;
} {
  const file = join(folder, 'offset');
  const setTo = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  setTo(0);
  const settings = [
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
    `FAKETIME_TIMESTAMP_FILE=${file}`,
  ];
  return { prefix: ['env', `LD_PRELOAD=${library}`, ...settings], setTo };
}
