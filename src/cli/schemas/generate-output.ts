/** What `generate --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import type { GenerationPrediction } from "../../analysis/generate-request.ts";
import { amount, bound, byBound, bytes, footprint, positive, seconds, whole } from "./figures.ts";

const step = z.object({
  phase: z.enum(["prefill", "decode"]),
  token: whole.describe("tokens a request has received once the step is done; 0 after an encoder"),
  context: positive,
  seconds: seconds.nullable().describe("null where the step does not fit"),
  secondsIfItFitted: seconds.nullable().describe("null where it fits"),
  lowerBoundSeconds: seconds,
  bound: bound.nullable(),
  memoryBytes: bytes.describe("weights and cache once the step is done"),
  fits: z.boolean(),
});

const interval = z.object({ low: seconds, high: seconds, level: z.number().min(0).max(1) });

/** `ridgepoint generate --json`. */
export const generateOutputSchema: z.ZodType<GenerationPrediction & { attention: string }> = z.object({
  model: z.string(),
  hardware: z.string(),
  attention: z.string(),
  timing: z.enum(["roofline", "calibrated"]),
  engine: z.string().nullable(),
  calibration: z.string().nullable(),
  batch: positive,
  beams: positive,
  inputTokens: positive,
  outputTokens: positive,
  decodeSteps: whole,
  ttftSeconds: seconds.nullable().describe("time to first token"),
  tpotSeconds: seconds
    .nullable()
    .describe("mean time per output token, the first left out; null where only one is generated"),
  tpotLastSeconds: seconds.nullable().describe("time of the last step"),
  endToEndSeconds: seconds.nullable(),
  endToEndSecondsIfItFitted: seconds.nullable().describe("null where it fits"),
  intervals: z
    .object({ ttftSeconds: interval, tpotSeconds: interval.nullable(), endToEndSeconds: interval })
    .nullable()
    .describe("of these times; null with the roofline, and where it does not fit"),
  tokensPerSecond: amount.nullable().describe("batch × output tokens / end to end"),
  footprint: footprint.describe("memory after the last step"),
  capacityBytes: bytes,
  limitBytes: bytes,
  fits: z.boolean(),
  outOfMemory: z
    .object({ token: positive, context: positive, neededBytes: bytes })
    .nullable()
    .describe("the first token whose step does not fit; null where all fit"),
  secondsByBound: z.object({ prefill: byBound(seconds), decode: byBound(seconds) }),
  steps: z.array(step),
  notes: z.array(z.string()),
});
