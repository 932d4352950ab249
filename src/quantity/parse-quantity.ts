/**
 * Quantities as people write them ("3.35 TB/s", "80 GiB", "700 W"), read into plain SI numbers.
 * A quantity is a number and a unit, or a unit over a unit; the text is held to that form before mathjs sees it.
 */
import { InvalidInput } from "./invalid-input.ts";
import { nearestName } from "./nearest-name.ts";
import { parseUnit } from "./units.ts";

interface QuantityKind {
  readonly noun: string;
  /** What an error asks for. */
  readonly wants: string;
  /** The unit that the result counts. */
  readonly unit: string;
  /** Usual spellings, for a hint at a mistyped one. */
  readonly spellings: readonly string[];
  /** The smallest that exists, in the unit; 1e-6 where absent. */
  readonly smallest?: number;
}

const bytes: QuantityKind = {
  noun: "amount of memory",
  wants: 'wants an amount of memory such as "80 GB" or "80 GiB"',
  unit: "B",
  spellings: ["B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"],
};
const bytesPerSecond: QuantityKind = {
  noun: "bandwidth",
  wants: 'wants a bandwidth such as "3.35 TB/s"',
  unit: "B/s",
  spellings: ["MB/s", "GB/s", "TB/s", "MiB/s", "GiB/s", "TiB/s"],
};
const flopsPerSecond: QuantityKind = {
  noun: "rate of operations",
  wants: 'wants a rate such as "989 TFLOP/s" or "1979 TOPS"',
  unit: "FLOP/s",
  spellings: ["GFLOP/s", "TFLOP/s", "PFLOP/s", "GFLOPS", "TFLOPS", "PFLOPS", "TOP/s", "TOPS"],
};
const watts: QuantityKind = {
  noun: "power",
  wants: 'wants a power such as "700 W"',
  unit: "W",
  spellings: ["W", "kW"],
};
const seconds: QuantityKind = {
  noun: "time",
  wants: 'wants a time such as "4 us"',
  unit: "s",
  spellings: ["ns", "us", "ms", "s"],
  smallest: 1e-12,
};
const pricePerHour: QuantityKind = {
  noun: "price an hour",
  wants: 'wants a price such as "2.5 USD/h"',
  unit: "USD/h",
  spellings: ["USD/h"],
};

/** In SI units. Outside these no device lies, and a time computed from such a figure could overflow. */
const smallest = 1e-6;
const largest = 1e24;

/** Longer texts are refused unread. */
const maxLength = 64;

const numberAndUnit = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?)\s*([A-Za-z]+(?:\s*\/\s*[A-Za-z]+)?)$/;

/**
 * Bytes of an amount of memory, a whole number.
 * @throws InvalidInput naming `field` for an unknown unit, a unit of another kind, zero, a negative or too large a number
 * @example parseBytes("80 GiB", "capacity") is 85_899_345_920, parseBytes("80 GB", "capacity") is 80_000_000_000
 */
export function parseBytes(text: string, field: string): number {
  const value = Math.round(parse(text, field, bytes));
  if (value < 1 || value > Number.MAX_SAFE_INTEGER) throw new InvalidInput(field, text, `${bytes.wants}, 1 B to 9 PB`);
  return value;
}

/**
 * Bytes a second of a bandwidth; bits are eighths of bytes ("100 Gb/s" is 12.5e9).
 * @throws InvalidInput as parseBytes does
 * @example parseBytesPerSecond("3.35 TB/s", "bandwidth") is 3_350_000_000_000
 */
export function parseBytesPerSecond(text: string, field: string): number {
  return withoutNoise(parse(text, field, bytesPerSecond));
}

/**
 * Operations a second: FLOP/s, FLOPS, OP/s and OPS with their prefixes all count the same.
 * @throws InvalidInput as parseBytes does
 * @example parseFlopsPerSecond("989 TFLOP/s", "peak") is 989e12, parseFlopsPerSecond("1979 TOPS", "peak") is 1979e12
 */
export function parseFlopsPerSecond(text: string, field: string): number {
  return withoutNoise(parse(text, field, flopsPerSecond));
}

/**
 * Watts of a power.
 * @throws InvalidInput as parseBytes does
 * @example parseWatts("0.7 kW", "power") is 700
 */
export function parseWatts(text: string, field: string): number {
  return withoutNoise(parse(text, field, watts));
}

/**
 * Seconds of a time.
 * @throws InvalidInput as parseBytes does
 * @example parseSeconds("4 us", "kernelStart") is 4e-6
 */
export function parseSeconds(text: string, field: string): number {
  return withoutNoise(parse(text, field, seconds));
}

/**
 * US dollars an hour.
 * @throws InvalidInput as parseBytes does
 * @example parsePricePerHour("2.5 USD/h", "pricePerHour") is 2.5
 */
export function parsePricePerHour(text: string, field: string): number {
  return withoutNoise(parse(text, field, pricePerHour));
}

function parse(text: string, field: string, kind: QuantityKind): number {
  if (typeof text !== "string" || text.length > maxLength) throw new InvalidInput(field, text, kind.wants);
  const trimmed = text.trim();
  const match = numberAndUnit.exec(trimmed);
  if (match === null) throw new InvalidInput(field, text, kind.wants);
  const [, number = "", unit = ""] = match;
  if (!(Number(number) > 0)) throw new InvalidInput(field, text, `${kind.wants}, more than zero`);
  const value = valueIn(trimmed, kind, (problem) => new InvalidInput(field, text, `${kind.wants}; ${problem(unit)}`));
  if (!(value >= (kind.smallest ?? smallest) && value <= largest))
    throw new InvalidInput(field, text, `${kind.wants}, of a size that exists`);
  return value;
}

/** The number of `kind.unit` in the quantity. */
function valueIn(
  text: string,
  kind: QuantityKind,
  invalid: (problem: (unit: string) => string) => InvalidInput,
): number {
  const quantity = parsedOrNull(text);
  if (quantity === null) throw invalid((unit) => unknownUnit(unit, kind));
  if (!quantity.equalBase(parseUnit(`1 ${kind.unit}`))) throw invalid((unit) => `${unit} is no ${kind.noun}`);
  return quantity.toNumber(kind.unit);
}

/** Without the last digits that binary fractions leave (3.35 TB/s). */
function withoutNoise(value: number): number {
  return Number(value.toPrecision(15));
}

function parsedOrNull(text: string): ReturnType<typeof parseUnit> | null {
  try {
    return parseUnit(text);
  } catch {
    return null;
  }
}

function unknownUnit(unit: string, kind: QuantityKind): string {
  const nearest = nearestName(unit, kind.spellings);
  return nearest === null ? `${unit} is no known unit` : `${unit} is no known unit, did you mean ${nearest}?`;
}
