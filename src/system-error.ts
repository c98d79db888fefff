import { messageOf } from './errors.ts';
import { type Harmless, harmless } from './foreign.ts';

/** How Node's errors describe a failed system call. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
}

/**
 * What the system refused and the remedy, on one line; undefined for an error that does not come from a system call, or has no known
 * remedy.
 */
export function describeSystemError(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const { code, syscall = '', path } = error;
  if (code === 'ENOENT' && syscall === 'uv_cwd')
    return 'the working directory does not exist any more (ENOENT): change to another one';
  const isOfProc = path === '/proc' || path?.startsWith('/proc/') === true;
  if (isOfProc && !isShortage(error))
    return `${harmless(path ?? '')} cannot be read (${code}): mount /proc, without hidepid and subset=pid`;
  const known = refusals[code];
  if (known === undefined) return undefined;
  const where =
    path === undefined || syscall.startsWith('spawn') ? '' : `${harmless(path).slice(0, longestPath)}: `;
  return `${where}${known.what} (${code}): ${known.remedy}`;
}

/** What to do about a refusal with this code; undefined if no remedy is known. */
export function remedyFor(code: string): string | undefined {
  return refusals[code]?.remedy;
}

/** Whether a line ends with one of these remedies. */
export function endsWithRemedy(line: string): boolean {
  return Object.values(refusals).some(({ remedy }) => line.endsWith(remedy));
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as Partial<SystemError>).code === 'string';
}

/** Why a file could not be read or written, without its path, which Node appends: `ENOENT: no such file or directory`. */
export function reasonOf(error: unknown): Harmless {
  if (!isSystemError(error) || error.syscall === undefined) return messageOf(error);
  const [reason = ''] = error.message.split(`, ${error.syscall}`);
  return harmless(reason);
}

/** Whether there were too few descriptors, of the process or of the machine. */
export function isOfDescriptors(code: string): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Whether a line names the code of a shortage: what it reports may be possible when others have ended. */
export function namesShortage(line: string): boolean {
  return shortages.some((code) => new RegExp(`\\b${code}\\b`).test(line));
}

/** The machine, or this process, lacks something that every program needs: nothing else can be started or opened either. */
export function isShortage(error: unknown): boolean {
  return isSystemError(error) && shortages.includes(error.code);
}

const shortages: readonly string[] = ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'];

const longestPath = 200;

const refusals: Readonly<Record<string, { readonly what: string; readonly remedy: string }>> = {
  EMFILE: { what: 'too many open files', remedy: 'raise the limit with "ulimit -n 4096"' },
  ENFILE: { what: 'the machine has too many open files', remedy: 'raise it with "sysctl fs.file-max"' },
  EAGAIN: { what: 'no further process can be started', remedy: 'raise the limit with "ulimit -u"' },
  ENOMEM: { what: 'the memory is used up', remedy: 'end other programs, or raise the limit' },
  ENOSPC: { what: 'no space is left', remedy: 'free some space, or write elsewhere' },
  EDQUOT: { what: 'the disk quota is used up', remedy: 'free some space, or write elsewhere' },
  EROFS: { what: 'the file system is read-only', remedy: 'write elsewhere' },
  ENAMETOOLONG: { what: 'a name is too long', remedy: 'choose a shorter one' },
  E2BIG: { what: 'the command line is too long', remedy: 'shorten it, or the environment' },
};

/** Why a program cannot be started, if its name or its file is the reason. @param tried the command of tcpclose that was to start it */
export function whyNoProgram(
  program: string,
  code: string | undefined,
  tried: 'restart' | 'run',
): string | undefined {
  if (code === 'ENOENT' && /\s/.test(program))
    return `there is no "${program}": write the command without quotes around it: tcpclose ${tried} -- ${program}`;
  if (code === 'ENOENT') return `"${program}" was not found: install it, or put it in PATH`;
  if (code === 'EACCES') return `"${program}" may not be executed: name a program, or make it executable`;
  return undefined;
}
