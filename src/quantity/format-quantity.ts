/**
 * SI numbers as short text for people: three significant digits and a unit. Deterministic, free of locale and of mathjs.
 * A number that is not finite prints as "unknown", never as NaN or Infinity.
 */

const unknown = "unknown";

const decimalPrefixes = ["", "k", "M", "G", "T", "P", "E"] as const;
const binaryPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/** Bytes in powers of 1000. @example formatBytes(13.2e9) is "13.2 GB" */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1000, decimalPrefixes, "B");
}

/** Bytes in powers of 1024. @example formatBytesBinary(2 ** 28) is "256 MiB" */
export function formatBytesBinary(bytes: number): string {
  return scaled(bytes, 1024, binaryPrefixes, "B");
}

/** @example formatBandwidth(3.35e12) is "3.35 TB/s" */
export function formatBandwidth(bytesPerSecond: number): string {
  return scaled(bytesPerSecond, 1000, decimalPrefixes, "B/s");
}

/** @example formatFlops(13.5e9) is "13.5 GFLOP" */
export function formatFlops(flops: number): string {
  return scaled(flops, 1000, decimalPrefixes, "FLOP");
}

/** @example formatFlopsPerSecond(989e12) is "989 TFLOP/s" */
export function formatFlopsPerSecond(flopsPerSecond: number): string {
  return scaled(flopsPerSecond, 1000, decimalPrefixes, "FLOP/s");
}

/** Seconds as s, ms, µs or ns. @example formatSeconds(0.00402) is "4.02 ms", formatSeconds(812e-6) is "812 µs" */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown;
  if (seconds === 0) return "0 s";
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  for (const [unit, unitSeconds] of [
    ["s", 1],
    ["ms", 1e-3],
    ["µs", 1e-6],
  ] as const) {
    // 0.9995 ms already rounds to 1.00 ms.
    if (size >= 0.9995 * unitSeconds) return `${sign}${threeDigits(size / unitSeconds)} ${unit}`;
  }
  return `${sign}${threeDigits(size * 1e9)} ns`;
}

/** Tokens a second. @example formatRate(31.2) is "31.2 tokens/s", formatRate(12345.6) is "12,346 tokens/s" */
export function formatRate(tokensPerSecond: number): string {
  if (!Number.isFinite(tokensPerSecond)) return unknown;
  return `${threeDigits(tokensPerSecond)} tokens/s`;
}

/** A number of things: k, M, B, T. @example formatCount(6_738_415_616) is "6.74 B", formatCount(128) is "128" */
export function formatCount(count: number): string {
  return scaled(count, 1000, ["", "k", "M", "B", "T"], "");
}

/** How many times more. @example formatRatio(3.21) is "3.2×", formatRatio(1.043) is "1.04×" */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return unknown;
  const size = Math.abs(ratio);
  if (size > 0 && size < 0.1) return `${plain(Number(ratio.toPrecision(2)))}×`;
  const digits = size < 1.995 ? 2 : size < 99.95 ? 1 : 0;
  return `${withoutMinusZero(ratio.toFixed(digits))}×`;
}

/** A share as per cent. @example formatPercent(0.123) is "12.3 %", formatPercent(1) is "100.0 %" */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (!Number.isFinite(percent)) return unknown;
  return `${withoutMinusZero(percent.toFixed(1))} %`;
}

function scaled(value: number, base: number, prefixes: readonly string[], unit: string): string {
  if (!Number.isFinite(value)) return unknown;
  const sign = value < 0 ? "-" : "";
  let rest = Math.abs(value);
  let step = 0;
  // Counted after rounding, so that 999.6 kB is 1.00 MB and not 1000 kB.
  while (Math.round(rest) >= base && step < prefixes.length - 1) {
    rest /= base;
    step += 1;
  }
  const label = `${prefixes[step]!}${unit}`;
  if (Math.round(rest) >= base) return `${sign}${withExponent(rest)}${label === "" ? "" : ` ${label}`}`;
  const whole = Number.isInteger(rest) && (step === 0 || base === 1024);
  const digits = whole ? String(rest) : threeDigits(rest);
  return label === "" ? `${sign}${digits}` : `${sign}${digits} ${label}`;
}

/** Three significant digits; whole numbers with commas from 1000 on; two digits below a hundredth. */
function threeDigits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e15) return withExponent(value);
  if (size >= 99.95) return withCommas(value.toFixed(0));
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.9995) return value.toFixed(2);
  return plain(Number(value.toPrecision(3)));
}

/** Without an exponent, down to what a double's decimals show. */
function plain(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(12).replace(/0+$/, "").replace(/\.$/, "") : text;
}

/** @example withExponent(42950679613) is "4.30e10" */
function withExponent(value: number): string {
  return value.toExponential(2).replace("e+", "e");
}

function withCommas(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function withoutMinusZero(text: string): string {
  return /^-0(?:\.0+)?$/.test(text) ? text.slice(1) : text;
}
