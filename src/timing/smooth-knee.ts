/**
 * Two costs that a kernel works off side by side, with a knee that is smooth where they are alike:
 *   knee(a, b) = (a + b + √((a − b)² + 4 s² a b)) / 2
 *   s = 0   the longer of the two: they overlap wholly          s = 1   a + b: one after the other
 * At a = b it is (1 + s) a. For s ≥ 0 it grows with a and with b, is smooth for s > 0, and tends to the longer one where the other
 * vanishes against it. One square root, where a knee of powers costs two of them.
 * @example smoothKnee(3, 4, 0) is 4; smoothKnee(3, 4, 1) is 7; smoothKnee(1, 1, 0.2) is 1.2
 */
export function smoothKnee(a: number, b: number, s: number): number {
  const difference = a - b;
  return (a + b + Math.sqrt(difference * difference + 4 * s * s * a * b)) / 2;
}
