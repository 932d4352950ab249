/** What `sensitivity --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import type { SensitivityReport } from "../../analysis/sensitivity.ts";
import { amount, bytes, footprint, positive, seconds } from "./figures.ts";

const point = {
  seconds: seconds.nullable().describe("null where it does not fit"),
  secondsIfItFitted: seconds.nullable().describe("null where it fits"),
  tokensPerSecond: amount.nullable().describe("all requests together"),
  tokensPerSecondPerRequest: amount.nullable(),
  footprint,
  fits: z.boolean(),
};

/** `ridgepoint sensitivity --json`. */
export const sensitivityOutputSchema: z.ZodType<SensitivityReport & { attention: string }> = z.object({
  model: z.string(),
  hardware: z.string(),
  attention: z.string(),
  phase: z.enum(["decode", "prefill"]),
  timing: z.enum(["roofline", "calibrated"]),
  engine: z.string().nullable(),
  calibration: z.string().nullable(),
  batch: positive,
  context: positive,
  baseline: z.object(point),
  capacityBytes: bytes,
  limitBytes: bytes,
  elasticities: z
    .object({
      bandwidth: z.number(),
      peak: z.number(),
      link: z.number(),
      weightBytes: z.number(),
      cacheBytes: z.number(),
      activationBytes: z.number(),
    })
    .nullable()
    .describe("d ln seconds / d ln amount; null where the time is not the sum of these shares"),
  changes: z
    .array(
      z.object({
        change: z.string(),
        option: z.string().nullable().describe("what to type to have it"),
        ...point,
        savedSeconds: z.number().nullable().describe("negative where it takes longer; null where either does not fit"),
        savedPercent: z.number().nullable(),
        throughputGainPercent: z.number().nullable(),
      }),
    )
    .describe("the largest gain first"),
  notes: z.array(z.string()),
});
