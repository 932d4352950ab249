/** The zod schema of a plan file; unknown keys are refused. Its own file, so that a plan from options alone never loads zod. */
import { z } from "zod";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";
import { isPrintable } from "../quantity/printable-text.ts";
import { engineIds } from "../timing/execution-profile.ts";
import type { PlanFile } from "./plan-file.ts";
import type { PlanRequest } from "./plan-request.ts";
import { planRequestOf } from "./plan-request-of.ts";

const word = z.string().min(1).max(1000).refine(isPrintable, "wants one line without control characters");
const words = z.union([word, z.array(word).min(1).max(1000)], "wants a word or a list of words").exactOptional();
const count = z.int().positive();
const countText = z.union([count, word]);
const counts = z
  .union(
    [countText, z.array(countText).min(1).max(1000)],
    'wants a number, a range such as "1..8*2", or a list of them',
  )
  .exactOptional();
const numberOrText = z.union([z.number(), word], "wants a number or text");
const share = z.number().gt(0).max(1);

const quantiles = z
  .record(z.string().regex(/^(p\d+(\.\d+)?|min|max)$/), z.number().gte(1))
  .describe(
    'Tokens by the per cent of all lengths that do not exceed them: "p50", "p99.9"; "min" is 1 unless given, "max" the last line continued',
  );

const lengths = z
  .union(
    [
      z.number(),
      word,
      z
        .strictObject({
          lognormal: z
            .strictObject({
              mean: z.number().gte(1),
              deviation: z.number().gt(0),
              largest: z.number().gte(1).exactOptional(),
            })
            .exactOptional()
            .describe("By the mean and the standard deviation of the lengths; longer ones than largest are cut to it"),
          uniform: z.strictObject({ from: z.number().gte(1), to: z.number().gte(1) }).exactOptional(),
          exponential: z
            .strictObject({ mean: z.number().gte(1), largest: z.number().gte(1).exactOptional() })
            .exactOptional(),
          quantiles: quantiles.exactOptional(),
        })
        .describe("One of the four"),
    ],
    "wants tokens as a number, as text, or a distribution",
  )
  .exactOptional();

/** The published schema of a plan file. */
export const planFileSchema: z.ZodType<PlanFile> = z.strictObject({
  model: word.exactOptional().describe("A model profile's name; this or config"),
  config: word.exactOptional().describe("A config.json or model profile by path, from the plan file's folder"),
  workload: z
    .strictObject({
      rate: numberOrText
        .exactOptional()
        .describe('Requests a second, or text such as "500/min"; beside a trace, the mean rate it is scaled to'),
      users: count.exactOptional().describe("Users with one request in flight each, instead of a rate"),
      input: lengths.describe('Tokens of a prompt: 1000, "100..2000", "lognormal:1155:1109"'),
      output: lengths.describe("Tokens of an answer, the first among them"),
      trace: word
        .exactOptional()
        .describe("A CSV or JSON-lines file of arrival, input and output, from the plan file's folder"),
      burstiness: z
        .number()
        .min(0)
        .max(100)
        .exactOptional()
        .describe("Deviation of the gaps between arrivals over their mean; 1 is Poisson, 0 regular"),
      sharedPrefix: z
        .number()
        .min(0)
        .exactOptional()
        .describe("Share of each prompt that prefix caching finds computed, below 1"),
    })
    .exactOptional(),
  objectives: z
    .strictObject({
      ttft: numberOrText.exactOptional().describe('Time to the first token: seconds, or text such as "500ms"'),
      tpot: numberOrText.exactOptional().describe("Time after the first token over the tokens after it"),
      endToEnd: numberOrText.exactOptional().describe("From a request's arrival to its last token"),
      percentile: z.number().exactOptional().describe("Per cent of the requests that keep to them, 50 to 99.9"),
    })
    .exactOptional(),
  candidates: z
    .strictObject({
      hardware: words.describe("Hardware profiles by name, or by path from the plan file's folder"),
      devices: counts.describe("The most in all; a list or a range: these counts alone"),
      weights: words.describe('Formats of the weights; "published" is the model\'s own'),
      kvCache: words.describe('Formats of keys and values; "auto" is the engine\'s choice'),
      activations: word.exactOptional(),
      engine: z.enum(engineIds).exactOptional(),
      engineVersion: word.exactOptional().describe("Where constants differ by it: TensorRT-LLM before 1.0"),
      tensorParallel: counts,
      pipelineParallel: counts,
      expertParallel: counts,
      replicas: counts,
      separatePrefill: z.enum(["auto", "never", "always"]).exactOptional(),
      speculative: z
        .strictObject({
          tokens: count.describe("Drafted for each sequence and step"),
          acceptance: z.number().gte(0).lt(1).describe("Probability that a drafted token is taken"),
          draft: word.exactOptional().describe("The drafting model's name; a head of one layer unless given"),
        })
        .exactOptional(),
      maxSequences: count.exactOptional().describe("Requests at once in a replica"),
      stepTokens: count.exactOptional().describe("Prompt tokens that one step takes at most"),
    })
    .exactOptional(),
  prices: z
    .record(word, numberOrText)
    .exactOptional()
    .describe('By hardware: US dollars an hour and device, 2.5 or "2.5 USD/h"'),
  limits: z
    .strictObject({
      power: numberOrText.exactOptional().describe('Watts of all devices, or text such as "50 kW"'),
      devicesPerNode: count.exactOptional(),
      nodeLink: word.exactOptional().describe('Rate of a device to other nodes in one direction, such as "400 Gb/s"'),
      costPerHour: numberOrText.exactOptional().describe("US dollars"),
      owned: z
        .record(
          word,
          z.union([count, z.strictObject({ count, region: word.exactOptional() })], "wants a number of devices"),
        )
        .exactOptional()
        .describe("By hardware: devices that are there already, which cost nothing more"),
      memoryShare: share.exactOptional().describe("Share of a device's memory that weights and cache may fill"),
      utilization: share.exactOptional().describe("Share of what a replica sustains that it may be loaded with"),
    })
    .exactOptional(),
  whatIf: words.describe('Changes, each a question of its own: "kv-heads=1", "kv-cache=int8"'),
  simulate: z
    .strictObject({
      requests: count.exactOptional(),
      seed: z.int().min(0).exactOptional(),
      best: z.int().min(0).exactOptional().describe("How many of the best plans are simulated"),
    })
    .exactOptional(),
});

/**
 * A file's parsed YAML or JSON as a plan file: known keys of the right kind; planRequestOf checks the rest.
 * @throws InvalidInput for the first key that is unknown (with the nearest known one) or of the wrong kind
 */
export function readPlanFile(value: unknown): PlanFile {
  return parseWithSchema(planFileSchema, value, "plan file");
}

/** The question that a parsed file asks. @throws InvalidInput as readPlanFile and planRequestOf do */
export function parsePlanFile(value: unknown): PlanRequest {
  return planRequestOf(readPlanFile(value));
}
