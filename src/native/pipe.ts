import { libc } from './libc.ts';

const O_CLOEXEC = 0o2000000;
const MFD_CLOEXEC = 1;

/** A pipe that no program inherits (pipe2(2)). @throws SystemCallError */
export function openPipe(): { readonly read: number; readonly write: number } {
  const fds = Buffer.alloc(8);
  libc.pipe2(fds, O_CLOEXEC);
  return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) };
}

/** A file in memory that ends with this process (memfd_create(2)). @throws SystemCallError */
export function openMemoryFile(name: string): number {
  return libc.memfd_create(Buffer.from(`${name}\0`), MFD_CLOEXEC);
}
