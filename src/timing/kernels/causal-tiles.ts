/**
 * Tiles of keys that `blocks` consecutive blocks of queries visit, causal: block i = 1 … blocks sees min(shared + i, most) tiles.
 *   shared  tiles before the first block, which all of its queries see        most  tiles that a window lets a block see
 * Σ over i: with r = blocks that see fewer than most, r shared + r (r + 1) / 2 + (blocks − r) most.
 * @example causalTiles(4, 0, Infinity) is 1 + 2 + 3 + 4 = 10; causalTiles(4, 2, Infinity) is 18; causalTiles(4, 2, 4) is 3 + 4 + 4 + 4
 */
export function causalTiles(blocks: number, shared: number, most: number): number {
  const rising = Math.max(0, Math.min(blocks, most - shared));
  const ramp = rising * shared + (rising * (rising + 1)) / 2;
  return rising < blocks ? ramp + (blocks - rising) * most : ramp;
}
