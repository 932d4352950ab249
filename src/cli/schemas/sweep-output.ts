/** One row of `sweep` as NDJSON, which has the columns of its CSV and Parquet: step's names with dots as underscores. */
import { z } from "zod";
import { amount, bound, bytes, positive, seconds, whole } from "./figures.ts";

const share = z.number().min(0).max(1);

/** Figures are null where the status is "invalid: …". */
export const sweepRowSchema: z.ZodType = z.strictObject({
  status: z
    .string()
    .regex(/^(ok$|invalid: )/)
    .describe('"ok", or "invalid: " and why the options don\'t go together'),
  model: z.string(),
  hardware: z.string(),
  attention: z.string(),
  phase: z.enum(["decode", "prefill"]),
  weights: z.string().describe("the format asked for, else the model's published one, else bf16"),
  kvCache: z.string(),
  activations: z.string(),
  batch: positive,
  context: positive,
  queryTokens: positive,
  beams: positive,
  parallelism_tensor: positive,
  parallelism_pipeline: positive,
  parallelism_expert: positive,
  parallelism_devices: positive,
  timing: z.enum(["roofline", "calibrated"]).nullable(),
  engine: z.string().nullable().describe("software whose kernels and overheads are timed; null with the roofline"),
  calibration: z.string().nullable().describe("the fit that it is timed by; null with the roofline"),
  totals_flops: amount.nullable(),
  totals_matmulFlops: amount.nullable(),
  totals_bytes: bytes.nullable(),
  totals_weightBytes: bytes.nullable(),
  totals_kvBytes: bytes.nullable(),
  totals_activationBytes: bytes.nullable(),
  totals_linkBytes: bytes.nullable(),
  arithmeticIntensity: amount.nullable(),
  seconds: seconds.nullable().describe("null where it does not fit"),
  secondsIfItFitted: seconds.nullable().describe("null where it fits"),
  lowerBoundSeconds: seconds.nullable(),
  interval_low: seconds.nullable().describe("with calibrated timing, where it fits"),
  interval_high: seconds.nullable(),
  interval_level: share.nullable(),
  tokensPerSecond: amount.nullable(),
  bound: bound.nullable(),
  shares_weights: share.nullable(),
  shares_cache: share.nullable(),
  shares_activations: share.nullable(),
  shares_compute: share.nullable(),
  shares_link: share.nullable(),
  shares_overhead: share.nullable(),
  footprint_bytes: bytes.nullable(),
  footprint_weightBytes: bytes.nullable(),
  footprint_cacheBytes: bytes.nullable(),
  capacityBytes: bytes.nullable(),
  limitBytes: bytes.nullable(),
  fits: z.boolean().nullable(),
  largestBatch: whole.nullable(),
  memoryLevel: z.string().nullable().describe("the cache that holds all that the step moves, else memory"),
});
