import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as v from 'valibot';
import * as native from '../../native/process.ts';
import { method } from '../../rpc/method.ts';
import { count } from '../schemas.ts';

/** One turn of the event loop handles what the kernel reported, and may lead to calls in the next turns. */
const turns = 4;

/** Replies once everything that had reached the process before is handled. */
export const catchUp = method({
  async run() {
    for (let turn = 0; turn < turns; turn++) await setImmediate();
  },
});

/** From now on the process does not preempt others when it wakes up. */
export const scheduleAsBatch = method({ run: () => native.scheduleAsBatch() });

/** Sets RLIMIT_CORE of the process. */
export const limitCoreDump = method({
  params: v.object({ bytes: count }),
  run: ({ bytes }) => native.limitCoreDump(bytes),
});

const taken: Buffer[] = [];

/** Allocates and fills this much memory, for a large core dump. */
export const takeMemory = method({
  params: v.object({ bytes: count }),
  run: ({ bytes }) => void taken.push(Buffer.alloc(bytes, 'tcpclose')),
});

export const memory = method({ run: () => ({ residentBytes: process.memoryUsage.rss() }) });

/** The number of descriptors that the process has open. One of the entries in the folder is the folder's own descriptor. */
export const openDescriptors = method({
  run: () => ({ descriptors: readdirSync('/proc/self/fd').length - 1 }),
});

/** Makes a folder for temporary files, which is removed when the process ends. */
export const makeFolder = method({
  run() {
    const path = mkdtempSync(join(tmpdir(), 'tcpclose-'));
    // A core dump may still be written to it.
    const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    process.once('exit', remove);
    return { path };
  },
});

/** Sets the current folder, where a core dump is written. */
export const changeFolder = method({
  params: v.object({ path: v.string() }),
  run: ({ path }) => process.chdir(path),
});
