/** unlinkat(2), with no more rights than the owner of the file. */
import { asUser, type FileUser } from './as-user.ts';
import { libc } from './libc.ts';

/**
 * Removes one name from a folder that is held by its descriptor. Root does so with the owner's rights: between the check of a name and its
 * removal, others may put their own file there, and nothing must be removed that the owner could not remove.
 * @throws SystemCallError
 */
export function unlinkAs(owner: FileUser, folder: number, name: Buffer): void {
  asUser(owner, () => libc.unlinkat(folder, Buffer.concat([name, Buffer.alloc(1)]), 0));
}
