/** The kinds of figure that every output is made of; none is ever NaN or infinite. */
import { z } from "zod";
import type { Bound } from "../../timing/timing-model.ts";

/** A count or an amount: finite, not negative, not always whole (mean bits of a mixture of formats, expected experts). */
export const amount: z.ZodType<number> = z.number().min(0);
export const bytes: z.ZodType<number> = z.number().min(0).describe("bytes");
export const seconds: z.ZodType<number> = z.number().min(0).describe("seconds");
export const whole: z.ZodType<number> = z.int().min(0);
export const positive: z.ZodType<number> = z.int().min(1);
export const bound: z.ZodType<Bound> = z
  .enum(["weights", "cache", "activations", "compute", "link", "overhead"])
  .describe("the part with the largest share of the seconds");

/** One value a bound. */
export function byBound(value: z.ZodType<number>): z.ZodType<Readonly<Record<Bound, number>>> {
  return z.object({
    weights: value,
    cache: value,
    activations: value,
    compute: value,
    link: value,
    overhead: value,
  });
}

/** What a device holds; weights and cache add up to bytes. */
export const footprint: z.ZodType<{ bytes: number; weightBytes: number; cacheBytes: number }> = z
  .object({ bytes, weightBytes: bytes, cacheBytes: bytes })
  .describe("memory on the fullest device: all weights, the embedding table too, and the cache of the context's rows");
