import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { giveWay, limitCoreDump } from '../../native/process.ts';
import type { ParsedParams, Result } from '../protocol.ts';

export async function limitCore({ bytes }: ParsedParams<'limitCoreDump'>): Promise<Result<'limitCoreDump'>> {
  limitCoreDump(bytes);
  return {};
}

const memory: Buffer[] = [];

export async function takeMemory({ bytes }: ParsedParams<'takeMemory'>): Promise<Result<'takeMemory'>> {
  memory.push(Buffer.alloc(bytes, 'tcpclose'));
  return {};
}

export async function makeFolder(): Promise<Result<'makeFolder'>> {
  const path = mkdtempSync(join(tmpdir(), 'tcpclose-'));
  // A core dump may just be coming into it.
  process.once('exit', () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }));
  return { path };
}

export async function changeFolder({ path }: ParsedParams<'changeFolder'>): Promise<Result<'changeFolder'>> {
  process.chdir(path);
  return {};
}

export async function giveWayToOthers(): Promise<Result<'giveWay'>> {
  giveWay();
  return {};
}

/** What the kernel has told is dealt with in one turn of the event loop, and may lead to calls in the next ones. */
const turns = 4;

export async function catchUp(): Promise<Result<'catchUp'>> {
  for (let turn = 0; turn < turns; turn++) await setImmediate();
  return {};
}
