/**
 * Units that people read, on axes and in labels: one table a quantity, used both for text written here and for the
 * expression by which vega labels an axis, so that the two cannot differ.
 *
 * Bytes, FLOP/s and seconds go in powers of 1000. Tokens are written 1k, 128k for multiples of 1024, as contexts are.
 */

export type AxisQuantity = "bytes" | "bytesPerSecond" | "flopsPerSecond" | "seconds" | "plain";

/** From the largest; the last one takes what is smaller. */
const units: Readonly<Record<AxisQuantity, readonly (readonly [scale: number, unit: string])[]>> = {
  bytes: [
    [1e15, " PB"],
    [1e12, " TB"],
    [1e9, " GB"],
    [1e6, " MB"],
    [1e3, " kB"],
    [1, " B"],
  ],
  bytesPerSecond: [
    [1e15, " PB/s"],
    [1e12, " TB/s"],
    [1e9, " GB/s"],
    [1e6, " MB/s"],
    [1e3, " kB/s"],
    [1, " B/s"],
  ],
  flopsPerSecond: [
    [1e18, " EFLOP/s"],
    [1e15, " PFLOP/s"],
    [1e12, " TFLOP/s"],
    [1e9, " GFLOP/s"],
    [1e6, " MFLOP/s"],
    [1e3, " kFLOP/s"],
    [1, " FLOP/s"],
  ],
  seconds: [
    [1, " s"],
    [1e-3, " ms"],
    [1e-6, " µs"],
    [1e-9, " ns"],
  ],
  plain: [[1, ""]],
};

/**
 * A value with its unit, to `digits` significant digits.
 * @example unitText("bytes", 13.2e9) is "13.2 GB", unitText("seconds", 0.004) is "4 ms"
 */
export function unitText(quantity: AxisQuantity, value: number, digits = 3): string {
  const table = units[quantity];
  const rounded = Number(value.toPrecision(digits));
  const [scale, unit] = table.find(([least]) => Math.abs(rounded) >= least) ?? (table.at(-1) as [number, string]);
  return `${Number((rounded / scale).toPrecision(digits))}${unit}`;
}

/**
 * The units that the values are shown in, for an axis title.
 * @example unitNames("bytes", [5e8, 1e9, 2e9]) is "MB, GB"
 */
export function unitNames(quantity: AxisQuantity, values: readonly number[]): string {
  const names = values.filter((value) => value !== 0).map((value) => unitText(quantity, value).replace(/^\S+ ?/, ""));
  return [...new Set(names)].join(", ");
}

/** The vega expression that labels an axis of the quantity. */
export function unitLabelExpr(quantity: AxisQuantity): string {
  const table = units[quantity];
  const text = ([scale, unit]: readonly [number, string]) => `format(datum.value / ${scale}, '.4~g') + '${unit}'`;
  // A tick such as 9.999999e8 is 1 GB.
  return table
    .slice(0, -1)
    .reduceRight(
      (rest, entry) => `abs(datum.value) >= ${entry[0] * 0.9999} ? ${text(entry)} : ${rest}`,
      text(table.at(-1) as [number, string]),
    )
    .replace(/^/, quantity === "plain" ? "" : "datum.value === 0 ? '0' : ");
}

/**
 * A number of tokens: multiples of 1024 as 1k, 128k, 1M, all else in full, and so is 128,000, though it is 125 × 1024.
 * @example tokensText(131072) is "128k", tokensText(1000) is "1,000"
 */
export function tokensText(tokens: number): string {
  if (tokens % 1000 === 0) return grouped(tokens);
  if (tokens >= 1048576 && tokens % 1048576 === 0) return `${tokens / 1048576}M`;
  if (tokens >= 1024 && tokens % 1024 === 0) return `${tokens / 1024}k`;
  return grouped(tokens);
}

/** The same as a vega expression. */
export const tokensLabelExpr: string =
  "datum.value % 1000 === 0 ? format(datum.value, ',.6~g') : " +
  "datum.value >= 1048576 && datum.value % 1048576 === 0 ? format(datum.value / 1048576, 'd') + 'M' : " +
  "datum.value >= 1024 && datum.value % 1024 === 0 ? format(datum.value / 1024, 'd') + 'k' : " +
  "format(datum.value, ',.6~g')";

/**
 * Ticks of a logarithmic axis from `low` to `high`: decades, with 2 and 5 between them where there are few decades.
 * @example logTicks(0.002, 0.3) is [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]
 */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const decades = Math.log10(high / low);
  const steps = decades <= 2.5 ? [1, 2, 5] : decades <= 4 ? [1, 3] : [1];
  const every = decades > 12 ? 3 : decades > 8 ? 2 : 1;
  const ticks: number[] = [];
  for (let decade = first; decade <= last; decade++) {
    if (decade % every !== 0) continue;
    for (const step of steps) {
      const tick = Number(`${step}e${decade}`);
      if (tick >= low * 0.9999 && tick <= high * 1.0001) ticks.push(tick);
    }
  }
  return ticks;
}

/** A domain around positive values on a logarithmic axis, ending on 1, 2 or 5 times a power of ten. */
export function logDomain(values: readonly number[]): [low: number, high: number] {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return [0.1, 10];
  return [stepBelow(Math.min(...positive) * 0.95), stepAbove(Math.max(...positive) * 1.05)];
}

/** At most `most` of the values, from the largest down at even steps. */
export function thinned(values: readonly number[], most: number): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const every = Math.ceil(sorted.length / most);
  return sorted.filter((_, index) => (sorted.length - 1 - index) % every === 0);
}

function stepBelow(value: number): number {
  const decade = Math.floor(Math.log10(value));
  const step = [5, 2, 1].find((digit) => Number(`${digit}e${decade}`) <= value) ?? 1;
  return Number(`${step}e${decade}`);
}

function stepAbove(value: number): number {
  const decade = Math.floor(Math.log10(value));
  const step = [1, 2, 5].find((digit) => Number(`${digit}e${decade}`) >= value);
  return step === undefined ? Number(`1e${decade + 1}`) : Number(`${step}e${decade}`);
}

function grouped(value: number): string {
  return String(Number(value.toPrecision(6))).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
