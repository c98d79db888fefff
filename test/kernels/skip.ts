/** Something that this machine does not allow: the kernel is skipped, with this reason. */
export class Skip extends Error {}
