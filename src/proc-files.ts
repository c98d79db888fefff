/** Files that may vanish or be forbidden at any moment, as all of /proc may: what cannot be read is empty. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Its size; 0 if it is missing. Since Linux 6.2 that of /proc/<pid>/fd is the number of its entries. */
export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** undefined if it is not a readable link. */
export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
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
