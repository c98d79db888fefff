/** The items grouped by key, in the order of first appearance (Map.groupBy, which Node 20 lacks). */
export function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Map<Key, [Item, ...Item[]]> {
  const groups = new Map<Key, [Item, ...Item[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export function largestFirst<Key, Item>(groups: ReadonlyMap<Key, readonly Item[]>): [Key, readonly Item[]][] {
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

/** How many items have each key. */
export function countBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, number> {
  return new Map([...groupBy(items, keyOf)].map(([key, { length }]) => [key, length]));
}
