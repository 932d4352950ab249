/** What `validate --here --json` prints. */
import { z } from "zod";
import type { PrintedHere, PrintedKinds } from "../printed-here.ts";
import { amount, seconds, whole } from "./figures.ts";
import { errorStatisticsSchema } from "./validate-output.ts";

const kinds: z.ZodType<PrintedKinds> = z.partialRecord(
  z.enum(["attention", "linear", "elementwise", "steps"]),
  errorStatisticsSchema,
);
const twice = z.object({ calibrated: kinds, roofline: kinds });

/** `ridgepoint validate --here --json`. */
export const hereOutputSchema: z.ZodType<PrintedHere> = z.object({
  hardware: z.string().describe("the id of the measured profile"),
  machine: z.string(),
  date: z.string(),
  backend: z.string(),
  threads: whole,
  quick: z.boolean(),
  wallSeconds: seconds,
  otherProgramsPercent: z.number().min(0).max(100).describe("of the processors' time, while it measured"),
  disturbedRows: whole.describe("rows with fewer than six calm samples"),
  calmSamples: whole.describe("samples that nothing disturbed, of all rows"),
  takenSamples: whole,
  skippedRows: whole,
  readBytesPerSecond: amount.describe("reads beyond the caches, between all other measurements"),
  readSpread: amount.describe("what only the fastest hundredth of those reads passes, over the ceiling"),
  commonKnee: amount.nullable().describe("the knee that all families share"),
  families: z.array(
    z.object({
      family: z.string(),
      rows: whole,
      startSeconds: seconds,
      bandwidthEfficiency: amount,
      computeEfficiency: amount,
      kneeSharpness: amount,
      multiplies: z.string().nullable().describe("format whose peak counts, where it is not the operation's"),
      determined: z.array(z.string()).describe("parameters that the rows determine; the others are usual values"),
      atBound: z.array(z.string()).describe("parameters that the rows would push beyond their bounds"),
      medianAbsolutePercentageError: amount.describe("of the rows that were fitted"),
    }),
  ),
  fittedRows: whole,
  kernels: twice.describe("of kernels that were held out of the fit"),
  steps: twice.describe("of whole steps, none of which the fit saw"),
  speedups: z
    .array(z.object({ what: z.string(), measured: amount, predicted: amount, errorPercent: z.number() }))
    .describe("of MQA over MHA"),
  verdict: z.array(
    z.object({
      claim: z.string(),
      value: amount.nullable().describe("per cent; null where there are no rows to judge it by"),
      largest: amount.nullable().describe("largest error of the speed-ups, which no limit holds"),
      limit: amount,
      passed: z.boolean().nullable(),
    }),
  ),
  passed: z.boolean().describe("every claim was judged and met"),
  gate: z.object({ maxMedianPercent: amount, missed: z.array(z.string()), skipped: z.string().nullable() }).nullable(),
  notes: z.array(z.string()),
  files: z.array(z.string()),
});
