/** Items by a key, in the order in which keys and items first came. @example groupsOf([1, 2, 3], (n) => String(n % 2)) is [[1, 3], [2]] */
export function groupsOf<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const own = groups.get(key);
    if (own === undefined) groups.set(key, [item]);
    else own.push(item);
  }
  return [...groups.values()];
}
