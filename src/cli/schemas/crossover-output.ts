/** What `crossover --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import type { AxisCrossings, CrossoverReport, VariantMatters } from "../../analysis/crossover-report.ts";
import { amount, bound, positive, whole } from "./figures.ts";

const crossing = z.object({
  value: positive.nullable().describe("first batch or context at which it holds; null where it never does"),
  until: positive.nullable().describe("first one after it at which it no longer holds; null where it stays"),
  method: z.enum(["closed form", "bisection"]),
  reason: z.string(),
  fits: z.boolean().nullable().describe("whether the step fits in memory there; null where there is no value"),
  largestThatFits: whole.nullable().describe("null where memory sets no limit"),
});

const axes = {
  batch: crossing.describe("at the context given"),
  context: crossing.describe("at the batch given"),
};
const crossings: z.ZodType<AxisCrossings> = z.object(axes);

const matters: z.ZodType<VariantMatters> = z.object({
  ...axes,
  attention: z.string(),
  threshold: z.number().min(1),
  speedup: amount.describe("over multi-head attention at the batch and context given, were there room"),
  asymptoticSpeedup: z.object({ batch: amount, context: amount }).describe("what it tends to as either grows"),
});

/** `ridgepoint crossover --json`. */
export const crossoverOutputSchema: z.ZodType<CrossoverReport & { attention: string }> = z.object({
  model: z.string(),
  hardware: z.string(),
  attention: z.string(),
  phase: z.enum(["decode", "prefill"]),
  timing: z.enum(["roofline", "calibrated"]),
  engine: z.string().nullable(),
  calibration: z.string().nullable(),
  batch: positive,
  context: positive,
  queryTokens: positive,
  beams: positive,
  bound: bound.describe("of the step at this batch and context, were there room"),
  fits: z.boolean(),
  nothingFits: z.boolean().describe("not even one request with the shortest context fits"),
  largestBatch: whole.nullable(),
  largestContext: whole.nullable(),
  weightToCache: crossings.describe("bytes that the step reads: cache reaches weights"),
  weightToCacheSeconds: crossings.describe("share of the seconds: cache reaches weights"),
  memoryToCompute: crossings.describe("totals: FLOPs / peak reach bytes / bandwidth"),
  operations: z
    .array(z.object({ name: z.string(), kind: z.string(), count: positive, batch: crossing }))
    .describe("the batch from which on each operation with weights is bound by arithmetic"),
  multiQueryMatters: matters.nullable(),
  groupedQueryMatters: matters.nullable(),
  cacheEqualsWeights: crossings.describe("memory: cache reaches weights"),
  notes: z.array(z.string()),
});
