import { giveWay, limitCoreDump } from '../../native/process.ts';
import type { Answers, Asked } from '../protocol.ts';

/** `exit` or `exit 3`, `throw`, `abort`, or a signal's name. The process is gone before it could answer. */
export async function die({ by }: Asked<'die'>): Promise<Answers<'die'>> {
  const [way, status = '0'] = by.split(' ');
  if (way === 'exit') process.exit(Number(status));
  if (way === 'abort') process.abort();
  // Outside of this promise, where nothing catches it.
  if (way === 'throw') setImmediate(() => throwUncaught());
  else process.kill(process.pid, by as NodeJS.Signals);
  return new Promise(() => {});
}

function throwUncaught(): never {
  throw new Error('thrown on purpose, and caught by nobody');
}

export async function limitCore({ bytes }: Asked<'limitCoreDump'>): Promise<Answers<'limitCoreDump'>> {
  limitCoreDump(bytes);
  return {};
}

const memory: Buffer[] = [];

export async function takeMemory({ bytes }: Asked<'takeMemory'>): Promise<Answers<'takeMemory'>> {
  memory.push(Buffer.alloc(bytes, 'tcpclose'));
  return {};
}

export async function changeFolder({ path }: Asked<'changeFolder'>): Promise<Answers<'changeFolder'>> {
  process.chdir(path);
  return {};
}

export async function giveWayToOthers(): Promise<Answers<'giveWay'>> {
  giveWay();
  return {};
}
