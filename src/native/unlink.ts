/** unlinkat(2), with no more rights than the owner of the file has. */
import { failOn } from './call.ts';
import { libcFunction } from './koffi.ts';

const unlinkat = libcFunction<[number, Buffer, number]>('int unlinkat(int folder, void *name, int flags)');
// They give the id that was there before, and have no errno.
const setfsuid = libcFunction<[number]>('int setfsuid(int uid)');
const setfsgid = libcFunction<[number]>('int setfsgid(int gid)');

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
    failOn('unlinkat', unlinkat(folder, path, 0));
    return;
  }
  const group = setfsgid(owner.gid);
  const user = setfsuid(owner.uid);
  try {
    failOn('unlinkat', unlinkat(folder, path, 0));
  } finally {
    setfsuid(user);
    setfsgid(group);
  }
}
