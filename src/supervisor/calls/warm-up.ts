import { addressOf } from '../../native/koffi.ts';
import { closeDescriptor, openSocket } from '../../native/socket.ts';
import { socketInodeOf } from '../../proc-files.ts';
import { callerOf } from './caller.ts';
import { leftCall } from './left-call.ts';
import { readMemory } from './memory.ts';
import { readSocketOf } from './socket.ts';
import type { Tables } from './tables.ts';

/** Does everything that a call needs once, so that the first call waits no longer than the others. */
export function warmUp(tables: Tables): void {
  const memory = Buffer.alloc(16);
  const fd = openSocket('127.0.0.1', 'non-blocking');
  try {
    callerOf(process.pid);
    socketInodeOf(`/proc/self/fd/${fd}`);
    readSocketOf(process.pid, fd);
    readMemory(process.pid, addressOf(memory), memory.length);
    leftCall(process.pid, 'bind');
    tables.listeners();
  } finally {
    closeDescriptor(fd);
  }
}
