/** What `step --json` and `compare --json` print; docs/json-output.md says it in words. */
import { z } from "zod";
import type { ComparedStep } from "../../analysis/compare-variants.ts";
import type { StepPrediction } from "../../analysis/predict-step.ts";
import { amount, bound, byBound, bytes, footprint, positive, seconds, whole } from "./figures.ts";

const counted = {
  flops: amount.describe("matrix products (two a multiply-add) and elementwise operations"),
  matmulFlops: amount,
  bytes: bytes.describe("weightBytes + kvBytes + activationBytes"),
  weightBytes: bytes.describe("weights that the step reads; of an input embedding only the rows looked up"),
  kvBytes: bytes.describe("cache read and written"),
  activationBytes: bytes,
  linkBytes: bytes.describe("bytes that one device sends over its link"),
};

const withoutOperations = {
  model: z.string(),
  hardware: z.string(),
  attention: z.string().describe("the variant asked for; as-is where none was"),
  phase: z.enum(["decode", "prefill"]),
  batch: positive.describe("requests"),
  context: positive.describe("rows of the cache a sequence, the new tokens among them"),
  queryTokens: positive.describe("new tokens a sequence"),
  beams: positive,
  timing: z.enum(["roofline", "calibrated"]),
  engine: z.string().nullable().describe("software whose kernels and overheads are timed; null with the roofline"),
  calibration: z.string().nullable().describe("the fit that it is timed by; null with the roofline"),
  parallelism: z.object({ tensor: positive, pipeline: positive, expert: positive, devices: positive }),
  totals: z.object(counted).describe("of one device"),
  arithmeticIntensity: amount.describe("FLOPs a byte"),
  seconds: seconds.nullable().describe("sum over the operations; null where it does not fit"),
  secondsIfItFitted: seconds.nullable().describe("null where it fits"),
  lowerBoundSeconds: seconds.describe("the larger of all bytes / bandwidth and all FLOPs / peak"),
  interval: z.object({ low: seconds, high: seconds, level: z.number().min(0).max(1) }).nullable(),
  tokensPerSecond: amount.nullable().describe("batch × query tokens / seconds; null where it does not fit"),
  bound: bound.nullable(),
  shares: byBound(z.number().min(0).max(1)).describe("shares of the seconds"),
  footprint,
  capacityBytes: bytes.describe("memory of one device"),
  limitBytes: bytes.describe("what may be used of it: capacityBytes × memory share"),
  fits: z.boolean().describe("footprint.bytes ≤ limitBytes"),
  largestBatch: whole
    .nullable()
    .describe("largest batch that fits at this context; null where the cache takes no room"),
  memoryLevel: z.string().describe("where all that the step moves comes from: the cache that holds it, else memory"),
  notes: z.array(z.string()),
};

const operation = z.object({
  name: z.string(),
  kind: z.string().describe("the operation's file in src/operations/"),
  count: positive.describe("instances in the step; the figures are of all of them together"),
  ...counted,
  seconds,
  bound,
});

/** `ridgepoint step --json`. */
export const stepOutputSchema: z.ZodType<StepPrediction & { attention: string }> = z.object({
  ...withoutOperations,
  operations: z.array(operation),
});

/** `ridgepoint compare --json`. */
export const compareOutputSchema: z.ZodType<{ rows: ComparedStep[] }> = z.object({
  rows: z
    .array(
      z.object({
        ...withoutOperations,
        speedup: amount
          .nullable()
          .describe("seconds of the first variant over this one's; null where either does not fit"),
      }),
    )
    .describe("in the order machine, batch, context, variant"),
});
