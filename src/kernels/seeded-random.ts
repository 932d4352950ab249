/**
 * Random numbers from a seed: xoshiro128** (Blackman and Vigna 2018), its state filled by splitmix32. The same seed gives the
 * same numbers on every machine, so that backends can be handed equal weights and a failing case can be run again.
 */

export interface SeededRandom {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** A whole number in 0 … n − 1. */
  below(n: number): number;
  /** Normal with mean 0 and variance 1 (Box and Muller 1958). */
  normal(): number;
  /** `length` normal numbers of standard deviation `deviation` around `mean`. */
  normals(length: number, deviation?: number, mean?: number): Float64Array;
  /** k distinct whole numbers of 0 … n − 1, every choice equally likely (Fisher and Yates). */
  choose(k: number, n: number): number[];
}

/** A generator that starts at `seed`; only its lowest 32 bits count. */
export function seededRandom(seed: number): SeededRandom {
  const state = filledState(seed);
  const bits = (): number => nextBits(state);
  const uniform = (): number => bits() / 0x1_0000_0000;
  const below = (n: number): number => Math.floor(uniform() * n);
  let spare: number | null = null;
  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    // 1 − u is in (0, 1], so that its logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return {
    uniform,
    below,
    normal,
    normals: (length, deviation = 1, mean = 0) => Float64Array.from({ length }, () => mean + deviation * normal()),
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

function filledState(seed: number): Uint32Array {
  let s = seed >>> 0;
  return Uint32Array.from({ length: 4 }, () => {
    s = (s + 0x9e3779b9) >>> 0;
    let z = s;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  });
}

function nextBits(s: Uint32Array): number {
  const s1 = s[1] as number;
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
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
