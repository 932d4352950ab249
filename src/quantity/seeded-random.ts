/**
 * Random numbers from a seed: xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32. The same seed gives the
 * same numbers on every machine, so that backends can be handed equal weights and a failing case can be run again.
 * Normal numbers come by the ziggurat (normal-strips.ts), since a model's weights are hundreds of millions of them.
 */
import { normalStrips, tailFrom } from "./normal-strips.ts";

export interface SeededRandom {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** A whole number in 0 … n − 1. */
  below(n: number): number;
  /** Normal with mean 0 and variance 1. */
  normal(): number;
  /** `length` normal numbers of standard deviation `deviation` around `mean`. */
  normals(length: number, deviation?: number, mean?: number): Float64Array;
  /** The same into an array of one's own. */
  fillNormals(into: Float64Array, deviation?: number, mean?: number): void;
  /** k distinct whole numbers of 0 … n − 1, every choice equally likely (Fisher and Yates). */
  choose(k: number, n: number): number[];
}

/** A generator that starts at `seed`; only its lowest 32 bits count. */
export function seededRandom(seed: number): SeededRandom {
  const state = filledState(seed);
  const { scale, inside, density } = normalStrips();
  const uniform = (): number => (nextBits(state) >>> 0) / 0x1_0000_0000;
  const below = (n: number): number => Math.floor(uniform() * n);
  /** Beyond the last strip (Marsaglia 1964); `sign` is the draw's. */
  const tail = (sign: number): number => {
    for (;;) {
      const x = -Math.log(1 - uniform()) / tailFrom;
      if (-2 * Math.log(1 - uniform()) >= x * x) return sign < 0 ? -tailFrom - x : tailFrom + x;
    }
  };
  /** A draw that is not under the curve wherever it is in its strip: its number after a second look, or the next draw's. */
  const settled = (bits: number): number => {
    const strip = bits & 255;
    if (strip === 0) return tail(bits);
    const x = (bits >> 8) * (scale[strip] as number);
    const low = density[strip] as number;
    const isBelow = low + uniform() * ((density[strip + 1] as number) - low) < Math.exp(-0.5 * x * x);
    return isBelow ? x : normal();
  };
  const normal = (): number => {
    const bits = nextBits(state);
    const draw = bits >> 8;
    return Math.abs(draw) < (inside[bits & 255] as number) ? draw * (scale[bits & 255] as number) : settled(bits);
  };
  const fillNormals = (into: Float64Array, deviation = 1, mean = 0): void => {
    for (let i = 0; i < into.length; i++) into[i] = mean + deviation * normal();
  };
  return {
    uniform,
    below,
    normal,
    normals(length, deviation, mean) {
      const values = new Float64Array(length);
      fillNormals(values, deviation, mean);
      return values;
    },
    fillNormals,
    choose(k, n) {
      const all = Array.from({ length: n }, (_, i) => i);
      for (let i = 0; i < k; i++) {
        const j = i + below(n - i);
        [all[i], all[j]] = [all[j] as number, all[i] as number];
      }
      return all.slice(0, k);
    },
  };
}

function filledState(seed: number): Int32Array {
  let s = seed >>> 0;
  return Int32Array.from({ length: 4 }, () => {
    s = (s + 0x9e3779b9) >>> 0;
    let z = s;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  });
}

/** The next 32 bits, as a signed number. */
function nextBits(s: Int32Array): number {
  const s1 = s[1] as number;
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
  s[2] = (s[2] as number) ^ (s[0] as number);
  s[3] = (s[3] as number) ^ s1;
  s[1] = s1 ^ (s[2] as number);
  s[0] = (s[0] as number) ^ (s[3] as number);
  s[2] = (s[2] as number) ^ (s1 << 9);
  s[3] = rotateLeft(s[3] as number, 11);
  return result;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}
