import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { executableOf } from '../../observe/proc/status.ts';
import { commandLineOf } from '../../observe/processes.ts';
import type { Target } from '../target.ts';

/** The language of a server, as far as remedies differ. */
export type Language = 'Node' | 'gunicorn' | 'uvicorn' | 'Python' | 'nginx' | 'HAProxy' | 'Go' | 'other';

/** The language is known from the program that a process runs, and from its command line. */
export function languageOf(pid: number | undefined): Language {
  if (pid === undefined) return 'other';
  const program = basename(executableOf(pid) ?? '');
  const words = commandLineOf(pid);
  if (/^(node|nodejs)$/.test(program)) return 'Node';
  if (/^nginx/.test(program)) return 'nginx';
  if (/^haproxy/.test(program)) return 'HAProxy';
  if (!/^(python|pypy)/.test(program)) return isGo(pid) ? 'Go' : 'other';
  if (/\bgunicorn\b/.test(words)) return 'gunicorn';
  return /\buvicorn\b/.test(words) ? 'uvicorn' : 'Python';
}

/** The language of the process that listens. */
export function languageOfListener(target: Target): Language {
  return languageOf(target.kind === 'tcp' ? target.listeners[0]?.processes[0]?.pid : target.pids[0]);
}

const noteName = Buffer.from('Go\0\0');

/** The Go linker writes a note near the beginning of each program: the size of the name, any size, type 4, the name. */
function isGo(pid: number): boolean {
  const bytes = beginningOf(`/proc/${pid}/exe`);
  for (let at = bytes.indexOf(noteName); at !== -1; at = bytes.indexOf(noteName, at + 1))
    if (at >= 12 && bytes.readUInt32LE(at - 12) === noteName.length && bytes.readUInt32LE(at - 4) === 4)
      return true;
  return false;
}

function beginningOf(path: string): Buffer {
  const bytes = Buffer.alloc(4096);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {}
  return bytes;
}
