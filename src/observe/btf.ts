/** The sizes of the kernel's own types, from BTF (Documentation/bpf/btf.rst of Linux), which every user may read, unlike /proc/slabinfo. */
export const kernelTypesPath = '/sys/kernel/btf/vmlinux';

const magic = 0xeb9f;
const STRUCT = 4;

/** The number of bytes that follow a type of that kind. */
const tails: Readonly<Record<number, (members: number) => number>> = {
  1: () => 4, // an integer
  3: () => 12, // an array
  4: (members) => members * 12, // a struct
  5: (members) => members * 12, // a union
  6: (members) => members * 8, // an enum
  13: (members) => members * 8, // the parameters of a function
  14: () => 4, // a variable
  15: (members) => members * 12, // a section of data
  17: () => 4, // a tag of a declaration
  19: (members) => members * 12, // an enum of 64 bits
};

/** The sizes of the structs with these names, in bytes; those that the kernel lacks are missing. */
export function structSizes(btf: Buffer, names: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  if (btf.length < 24 || btf.readUInt16LE(0) !== magic) return sizes;
  const header = btf.readUInt32LE(4);
  const types = header + btf.readUInt32LE(8);
  const end = Math.min(types + btf.readUInt32LE(12), btf.length);
  const strings = header + btf.readUInt32LE(16);
  const nameOf = new Map(names.map((name) => [btf.indexOf(`\0${name}\0`, strings) + 1 - strings, name]));
  for (let at = types; at + 12 <= end; ) {
    const info = btf.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 0x1f;
    const name = kind === STRUCT ? nameOf.get(btf.readUInt32LE(at)) : undefined;
    if (name !== undefined) sizes.set(name, btf.readUInt32LE(at + 8));
    at += 12 + (tails[kind]?.(info & 0xffff) ?? 0);
  }
  return sizes;
}
