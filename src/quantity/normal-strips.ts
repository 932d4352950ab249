/**
 * Tables of the ziggurat (Marsaglia and Tsang 2000): the area under f(x) = e^(−x²/2), x ≥ 0, cut into 256 strips of equal area V. Strip i
 * lies between f(x_i) and f(x_i+1) and reaches to x_i; strip 0 has the tail beyond R = x_1 in it, as if it reached to V / f(R).
 * R and V for 256 strips: the same source, section 2.
 */
export const tailFrom = 3.6541528853610088;
const area = 4.92867323399e-3;
const strips = 256;

/** How wide a draw is: 24 bits with their sign. */
const half: number = 2 ** 23;

export interface NormalStrips {
  /** x_i over 2^23: what a draw is multiplied by. */
  readonly scale: Float64Array;
  /** A draw below it, its sign aside, is under the curve wherever it is in the strip. */
  readonly inside: Int32Array;
  /** f(x_i). */
  readonly density: Float64Array;
}

export function normalStrips(): NormalStrips {
  const x = new Float64Array(strips + 1);
  x[0] = area / density(tailFrom);
  x[1] = tailFrom;
  for (let i = 2; i < strips; i++) {
    const before = x[i - 1] as number;
    x[i] = Math.sqrt(-2 * Math.log(area / before + density(before)));
  }
  const widths = x.subarray(0, strips);
  return {
    scale: widths.map((width) => width / half),
    inside: Int32Array.from(widths, (width, i) => Math.floor(((x[i + 1] as number) / width) * half)),
    density: x.map(density),
  };
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x);
}
