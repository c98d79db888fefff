/** Access to files with another user's rights: setfsuid(2) and setfsgid(2), which hold for one thread. */
import { libc } from './libc.ts';

/** The user and groups that access files. */
export interface FileUser {
  readonly uid: number;
  readonly gid: number;
}

/** Root acts with the rights of this user, all others with their own. `act` returns before anything else runs on this thread. */
export function asUser<Value>(user: FileUser, act: () => Value): Value {
  if (process.geteuid?.() !== 0) return act();
  const gid = libc.setfsgid.unchecked(user.gid);
  const uid = libc.setfsuid.unchecked(user.uid);
  try {
    return act();
  } finally {
    libc.setfsuid.unchecked(uid);
    libc.setfsgid.unchecked(gid);
  }
}

/**
 * Removes one name from a folder that is held by its descriptor (unlinkat(2)). Root does so with the owner's rights: between the check of a
 * name and its removal, others may put their own file there, and nothing must be removed that the owner could not remove.
 * @throws SystemCallError
 */
export function unlinkAs(owner: FileUser, folder: number, name: Buffer): void {
  asUser(owner, () => libc.unlinkat(folder, Buffer.concat([name, Buffer.alloc(1)]), 0));
}
