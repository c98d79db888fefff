import { constants, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import koffi from 'koffi';
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
    `FAKETIME_SHARED=${sharedNames(`tcpclose-${process.pid}-${basename(folder)}`)}`,
  ];
  return { prefix: ['env', `LD_PRELOAD=${library}`, ...settings], setTo };
}

/**
 * The processes share a semaphore, which one that is killed never gives back: then none of them would start any more. This one has enough
 * for all that are killed; what it protects, they only read here.
 */
function sharedNames(name: string): string {
  const libc = koffi.load(null);
  const open = libc.func(
    'void *sem_open(const char *name, int flags, unsigned int mode, unsigned int value)',
  );
  const unlink = libc.func('int sem_unlink(const char *name)');
  const [semaphore, memory] = [`/${name}`, `/${name}-memory`];
  if (open(semaphore, constants.O_CREAT, 0o666, 1_000_000) === null)
    throw new Error(`${semaphore} cannot be opened`);
  writeFileSync(join('/dev/shm', memory), Buffer.alloc(4096));
  process.once('exit', () => {
    unlink(semaphore);
    rmSync(join('/dev/shm', memory), { force: true });
  });
  return `${semaphore} ${memory}`;
}
