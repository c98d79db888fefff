/** Files that may vanish or be forbidden at any moment, as all of /proc may: what cannot be read is empty. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export function textOf(path: string): string {
  return readOr('', () => readFileSync(path, 'utf8'));
}

export function entriesOf(folder: string): string[] {
  return readOr([], () => readdirSync(folder));
}

/** Its size; 0 if it is missing. Since Linux 6.2 that of /proc/<pid>/fd is the number of its entries. */
export function sizeOf(path: string): number {
  return readOr(0, () => statSync(path).size);
}

/** undefined if it is not a readable link. */
export function linkOf(path: string): string | undefined {
  return readOr(undefined, () => readlinkSync(path));
}

function readOr<Value>(nothing: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return nothing;
  }
}

/** The inode of the socket to which a link of /proc/<pid>/fd leads; undefined if there is nothing, or something else. */
export function socketInodeOf(link: string): number | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(linkOf(link) ?? '')?.[1];
  return inode === undefined ? undefined : Number(inode);
}

/** The network namespace of a process; undefined if it is gone, or may not be inspected. */
export function networkOf(pid: number | 'self'): string | undefined {
  return linkOf(`/proc/${pid}/ns/net`);
}
