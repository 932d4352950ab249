/**
 * Share of a call's bytes that the last-level cache still holds from the same call just before: 1 / (1 + (bytes / capacity)⁸).
 * Nearly all below the capacity and nearly none above, as a sweep that starts anew finds its beginning already replaced.
 * bytes × (1 − share (1 − 1 / speed)) grows with bytes for every speed of at least 1.
 * @example cachedShare(1, 2) is 256 / 257; cachedShare(2, 2) is 1/2; 0 where there is no capacity
 */
export function cachedShare(bytes: number, capacity: number): number {
  if (!(capacity > 0)) return 0;
  const fill = bytes / capacity;
  const square = fill * fill;
  const fourth = square * square;
  return 1 / (1 + fourth * fourth);
}
