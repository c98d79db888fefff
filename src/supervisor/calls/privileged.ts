/**
 * An ordinary user's watched programs cannot gain privileges by execve(2). So a command that needs that, because of a setuid program or one
 * with file capabilities (sudo, su, ping ...), is not watched. If such a program is executed below a watched command, its call is not
 * continued, and the command is started again without watching.
 */
import { statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';
import { fileCapabilities } from '../../native/file-capabilities.ts';
import type { Notification } from '../../native/seccomp-notification.ts';
import type { Invocation } from '../runs.ts';
import { readTextFrom } from './memory.ts';

const setuid = 0o4000;
const setgid = 0o2000;
const AT_FDCWD = -100;

/** The path of such a program among a command's words; undefined if there is none. */
export function privilegedProgramIn({ command, folder, environment }: Invocation): string | undefined {
  // The words of a script that is passed to a shell are included.
  const words = command.flatMap((word) => word.split(/[\s;&|()<>"'`$=]+/)).filter((word) => word !== '');
  for (const word of new Set(words)) {
    const found = candidates(word, folder, environment['PATH']).find(isProgram);
    if (found !== undefined && gainsPrivileges(found)) return found;
  }
  return undefined;
}

function candidates(word: string, folder: string, path = '/usr/local/bin:/usr/bin:/bin'): string[] {
  if (word.includes('/')) return [resolve(folder, word)];
  return path.split(delimiter).map((entry) => resolve(folder, entry, word));
}

/** The program that this execve(2) is about to start, if it gains privileges. */
export function privilegedExecution(notification: Notification): string | undefined {
  const { call, thread, arguments: words } = notification;
  if (call !== 'execve' && call !== 'execveat') return undefined;
  try {
    const [first, second] = words;
    const name = readTextFrom(thread, call === 'execve' ? first : second);
    if (name === undefined) return undefined;
    const base = call === 'execve' ? AT_FDCWD : Number(BigInt.asIntN(32, first));
    const program = pathSeenFrom(thread, base, name);
    return gainsPrivileges(program) ? name || program : undefined;
  } catch {
    return undefined;
  }
}

function pathSeenFrom(thread: number, base: number, name: string): string {
  if (isAbsolute(name)) return name;
  const folder = base === AT_FDCWD ? `/proc/${thread}/cwd` : `/proc/${thread}/fd/${base}`;
  return name === '' ? folder : `${folder}/${name}`;
}

function isProgram(path: string): boolean {
  try {
    const stat = statSync(path);
    return stat.isFile() && (stat.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function gainsPrivileges(path: string): boolean {
  try {
    const { mode, uid, gid } = statSync(path);
    if ((mode & setuid) !== 0 && uid !== process.geteuid?.()) return true;
    if ((mode & setgid) !== 0 && gid !== process.getegid?.()) return true;
    return fileCapabilities(path) === 'some';
  } catch {
    return false;
  }
}
