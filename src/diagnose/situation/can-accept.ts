import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { entriesOf, linkOf, textOf } from '../../proc-files.ts';

/** glibc and musl contain the system call itself, whichever program uses it. */
const isLibc = (path: string) => /^(?:libc|libpthread|ld-|ld)[-.]|^ld-/.test(basename(path));

/** Larger programs are not read: they can do almost anything. */
const largest = 16 * 1024 * 1024;

/**
 * Whether nothing that a process has loaded names accept() or accept4(). Such a process inherited the listener and cannot use it. False if
 * that cannot be seen, as in a static program, whose calls have no names.
 */
export function cannotAccept(pid: number): boolean {
  const mapped = textOf(`/proc/${pid}/maps`).matchAll(/^\S+ \S\Sx\S \S+ \S+ \d+ +(\/.*)$/gm);
  const files = [...new Set([...mapped].map(([, path = '']) => path))];
  const own = files.filter((path) => !isLibc(path));
  return (
    own.length > 0 &&
    own.length < files.length &&
    own.every((path) => lacksAccept(pid, path)) &&
    !hasRing(pid)
  );
}

/** io_uring accepts connections without any of these calls. */
function hasRing(pid: number): boolean {
  return entriesOf(`/proc/${pid}/fd`).some(
    (fd) => linkOf(`/proc/${pid}/fd/${fd}`) === 'anon_inode:[io_uring]',
  );
}

function lacksAccept(pid: number, path: string): boolean {
  const file = `/proc/${pid}/root${path}`;
  try {
    if (statSync(file).size > largest) return false;
    const contents = readFileSync(file);
    return !contents.includes('accept\0') && !contents.includes('accept4\0');
  } catch {
    return false;
  }
}
