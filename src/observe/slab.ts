import type { Place } from './place.ts';

/** Objects of one kind that the kernel's allocator has handed out (slabinfo(5)). */
export interface Slab {
  readonly objects: number;
  /** The size of each in bytes, including the allocator's overhead. */
  readonly size: number;
}

/** null if there is no such kind, or if slabinfo may not be read. */
export async function readSlab(place: Place, name: string): Promise<Slab | null> {
  return parseSlab((await place.read('/proc/slabinfo')) ?? '', name);
}

/** The size of an object of a kind with the allocator's overhead, in bytes; null if neither file may be read. */
export async function readObjectSize(place: Place, name: string): Promise<number | null> {
  // A kind that shares its slabs with others has no line in slabinfo.
  const size = parseSize((await place.read(`/sys/kernel/slab/${name}/slab_size`)) ?? '');
  return size ?? (await readSlab(place, name))?.size ?? null;
}

function parseSize(text: string): number | null {
  return /^\d{1,9}\n?$/.test(text) ? Number(text) : null;
}

/** The line of that kind in /proc/slabinfo: its name, objects in use, all objects, and their size. */
export function parseSlab(text: string, name: string): Slab | null {
  const line = text.split('\n').find((line) => line.startsWith(`${name} `));
  const [, objects = Number.NaN, , size = Number.NaN] = line?.split(/\s+/).map(Number) ?? [];
  return Number.isSafeInteger(objects) && Number.isSafeInteger(size) ? { objects, size } : null;
}
