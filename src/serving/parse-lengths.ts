/** Length distributions as people type them: a number, a text of a command line, or the object of a plan file. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { typedNumber } from "../quantity/typed-number.ts";
import {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  type LengthQuantiles,
  lognormalLengths,
  quantileLengths,
  uniformLengths,
} from "./length-distribution.ts";

/** One of the keys. */
export interface LengthSettings {
  readonly lognormal?: { readonly mean: number; readonly deviation: number; readonly largest?: number };
  readonly uniform?: { readonly from: number; readonly to: number };
  readonly exponential?: { readonly mean: number; readonly largest?: number };
  readonly quantiles?: LengthQuantiles;
}

export type LengthSpec = number | string | LengthSettings;

const wants =
  'wants tokens such as "1000", "100..2000" (uniform), "lognormal:MEAN:DEVIATION[:LARGEST]", "exponential:MEAN[:LARGEST]" or "quantiles:p50=800,p99=4000,max=8000"';

/** @throws InvalidInput naming the field, or the member of it that is wrong */
export function lengthsOf(field: string, spec: LengthSpec): LengthDistribution {
  if (typeof spec === "number") return fixedLength(spec, field);
  if (typeof spec === "string") return parseLengths(field, spec);
  const { lognormal, uniform, exponential, quantiles } = spec;
  if ([lognormal, uniform, exponential, quantiles].filter((kind) => kind !== undefined).length !== 1) {
    throw new InvalidInput(field, spec, "wants one of lognormal, uniform, exponential and quantiles");
  }
  if (lognormal !== undefined) return lognormalLengths(lognormal, `${field}.lognormal`);
  if (uniform !== undefined) return uniformLengths(uniform.from, uniform.to, `${field}.uniform`);
  if (exponential !== undefined) return exponentialLengths(exponential, `${field}.exponential`);
  return quantileLengths(quantiles as LengthQuantiles, `${field}.quantiles`);
}

/**
 * A distribution from a text: "1000", "100..2000" (uniform), "lognormal:1155:1109", "lognormal:1155:1109:14000",
 * "exponential:300", "quantiles:p1=17,p50=1469,p99=7436,max=7437".
 * @throws InvalidInput naming the field
 */
export function parseLengths(field: string, text: string): LengthDistribution {
  const [kind = "", ...rest] = text.split(":").map((part) => part.trim());
  if (kind === "quantiles" && rest.length === 1) return quantileLengths(quantilesOf(field, text, rest[0]!), field);
  const numbers = (rest.length === 0 ? kind.split("..") : rest).map(typedNumber);
  if (numbers.some(Number.isNaN)) throw new InvalidInput(field, text, wants);
  const [first = Number.NaN, second = Number.NaN, third] = numbers;
  const largest = (value: number | undefined) => (value === undefined ? {} : { largest: value });
  if (rest.length === 0) {
    if (numbers.length === 1) return fixedLength(first, field);
    if (numbers.length === 2) return uniformLengths(first, second, field);
  }
  if (kind === "lognormal" && (rest.length === 2 || rest.length === 3)) {
    return lognormalLengths({ mean: first, deviation: second, ...largest(third) }, field);
  }
  if (kind === "exponential" && (rest.length === 1 || rest.length === 2)) {
    return exponentialLengths({ mean: first, ...largest(numbers[1]) }, field);
  }
  throw new InvalidInput(field, text, wants);
}

function quantilesOf(field: string, text: string, list: string): LengthQuantiles {
  const pairs = list.split(",").map((pair) => {
    const [name = "", value = "", ...more] = pair.split("=").map((part) => part.trim());
    if (name === "" || more.length > 0 || Number.isNaN(typedNumber(value))) throw new InvalidInput(field, text, wants);
    return [name, typedNumber(value)] as const;
  });
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
    throw new InvalidInput(field, text, "wants each quantile once");
  }
  return Object.fromEntries(pairs) as LengthQuantiles;
}
