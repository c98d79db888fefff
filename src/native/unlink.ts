/** unlinkat(2), with no more rights than the owner of the file has. */
import { libc } from './libc.ts';

/**
 * Removes one name from a folder that is held by its descriptor. Root does so in the owner's stead: between a look at the name and
 * its removal others may put their own file there, and so nothing goes that the owner could not remove as well (setfsuid(2)).
 * @throws SystemCallError
 */
export function unlinkAs(
  owner: { readonly uid: number; readonly gid: number },
  folder: number,
  name: Buffer,
): void {
  const path = Buffer.concat([name, Buffer.alloc(1)]);
  if (process.geteuid?.() !== 0) {
    libc.unlinkat(folder, path, 0);
    return;
  }
  const group = libc.setfsgid.unchecked(owner.gid);
  const user = libc.setfsuid.unchecked(owner.uid);
  try {
    libc.unlinkat(folder, path, 0);
  } finally {
    libc.setfsuid.unchecked(user);
    libc.setfsgid.unchecked(group);
  }
}
