import { basename } from 'node:path';
import { executableOf } from '../../observe/proc/status.ts';
import { commandLineOf } from '../../observe/processes.ts';

/** What a server is written in, as far as the remedies differ. */
export type Language = 'Node' | 'gunicorn' | 'uvicorn' | 'Python' | 'nginx' | 'HAProxy' | 'other';

/** By the program that a process runs, and the words of its command. */
export function languageOf(pid: number | undefined): Language {
  if (pid === undefined) return 'other';
  const program = basename(executableOf(pid) ?? '');
  const words = commandLineOf(pid);
  if (/^(node|nodejs)$/.test(program)) return 'Node';
  if (/^nginx/.test(program)) return 'nginx';
  if (/^haproxy/.test(program)) return 'HAProxy';
  if (!/^(python|pypy)/.test(program)) return 'other';
  if (/\bgunicorn\b/.test(words)) return 'gunicorn';
  return /\buvicorn\b/.test(words) ? 'uvicorn' : 'Python';
}
