export interface Picker {
  /** From 0 to below 1. */
  number(): number;
  from<Item>(items: readonly Item[]): Item;
}

/** Numbers that look random, the same for the same seed (mulberry32). */
export function picker(seed: number): Picker {
  let state = seed;
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    number,
    from(items) {
      const item = items[Math.floor(number() * items.length)];
      if (item === undefined) throw new TypeError('there is nothing to pick from');
      return item;
    },
  };
}
