/** What a difference is held against: the largest element of its own part of the output. */
import type { KernelWork, LinearWork, Values } from "../../src/kernels/kernel.ts";

/**
 * Elements that are held to a scale of their own: a head's output, a row of a linear layer, a vector, a cached row. A sequence of a
 * thousand rows has outputs thirty times smaller than one of a single row, whose largest element would hide its errors.
 */
function partElements(work: KernelWork): number {
  switch (work.kind) {
    case "attention":
    case "rotary-embedding":
      return work.headDim;
    case "linear":
      return work.outFeatures;
    case "normalization":
      return work.features;
    case "feed-forward-activation":
      return work.dFf;
    case "cache-append":
      return work.rowElements;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/**
 * What each element's difference is held against: the largest of its part. A row of a linear layer may have only one element, near
 * nought by chance, so that its sums' own size is the least: |x| times the root of the mean square of the weights.
 */
export function partScales(work: KernelWork, exact: Float64Array): Float64Array {
  const elements = partElements(work);
  const scales = new Float64Array(exact.length);
  for (let from = 0, part = 0; from < exact.length; from += elements, part++) {
    const least = work.kind === "linear" ? sumSize(work, part) : 1e-30;
    const top = exact.subarray(from, from + elements).reduce((most, value) => Math.max(most, Math.abs(value)), least);
    scales.fill(top, from, from + elements);
  }
  return scales;
}

function sumSize({ input, weights, inFeatures: k }: LinearWork, token: number): number {
  const squares = (values: Values): number => values.reduce((sum, x) => sum + x * x, 0);
  return Math.sqrt((squares(input.subarray(token * k, (token + 1) * k)) * squares(weights)) / weights.length);
}
