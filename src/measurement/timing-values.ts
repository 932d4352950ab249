/**
 * Numbers to fill kernels with that are timed and not checked: normal ones, repeated after 65,537. Time does not depend on
 * them as long as none is denormal, and drawing each anew would take longer than timing.
 */
import { seededRandom } from "../quantity/seeded-random.ts";

/** A prime, so that rows of equal length are not equal. */
const drawn = 65_537;

export function timingValues(length: number, seed = 1): Float32Array {
  const values = new Float32Array(length);
  const random = seededRandom(seed);
  const first = Math.min(length, drawn);
  for (let i = 0; i < first; i++) values[i] = random.normal();
  for (let done = first; done < length; done *= 2) values.copyWithin(done, 0, Math.min(done, length - done));
  return values;
}
