/** What `explain --json`, `explain --ratio --json` and `explain --derivative --json` print; docs/json-output.md says it in words. */
import { z } from "zod";
import type { StepExplanation } from "../../analysis/explain/explain-operations.ts";
import type { CountedTerm, MemoryRatio } from "../../analysis/explain/memory-ratio.ts";
import type { SideDerivative, TimeDerivative } from "../../analysis/explain/time-derivative.ts";
import { amount, positive, seconds } from "./figures.ts";

const figure = z.enum(["matmulFlops", "otherFlops", "weightBytes", "kvBytes", "activationBytes", "linkBytes"]);

/** `ridgepoint explain --json`. */
export const explainOutputSchema: z.ZodType<StepExplanation & { model: string; batch: number; context: number }> =
  z.object({
    model: z.string(),
    batch: positive,
    context: positive,
    operations: z.array(
      z.object({
        name: z.string(),
        kind: z.string(),
        count: positive,
        source: z.string(),
        symbols: z.array(z.object({ symbol: z.string(), meaning: z.string(), value: z.number() })),
        figures: z.array(
          z.object({
            figure,
            formula: z.string().describe("of one instance"),
            withNumbers: z.string(),
            simplified: z.string().describe("with the new tokens a sequence put in"),
            value: amount.describe("of one instance"),
            total: amount.describe("of all instances"),
          }),
        ),
      }),
    ),
    totals: z
      .array(z.object({ figure, inBatch: z.string(), inContext: z.string(), total: amount }))
      .describe("empty with --operation"),
  });

const counted: z.ZodType<CountedTerm> = z.object({
  text: z.string(),
  coefficient: z.number(),
  exponents: z.record(z.string(), z.int()),
  from: z.array(z.string()).describe("operations and figures that the term comes from"),
});

/** `ridgepoint explain --ratio --json`. */
export const explainRatioOutputSchema: z.ZodType<{ cases: MemoryRatio[] }> = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      setting: z.object({ multiQuery: z.boolean(), incremental: z.boolean(), materialized: z.boolean() }),
      arithmetic: z.array(counted),
      leading: z.string(),
      memory: z.array(counted).describe("in elements"),
      ratio: z.array(
        z.object({
          text: z.string(),
          coefficient: z.number(),
          powers: z.string(),
          boundedBy: z.string().nullable().describe("the term that bounds it; null where it stays"),
        }),
      ),
      form: z.string(),
      paper: z.string(),
      matches: z.boolean(),
      note: z.string(),
    }),
  ),
});

const side: z.ZodType<SideDerivative> = z.object({
  binds: z.enum(["memory", "compute", "link"]),
  seconds: z.string().describe("a formula"),
  formula: z.string().describe("its derivative"),
  value: z.number().describe("seconds a unit of the parameter"),
});

/** `ridgepoint explain --derivative PARAMETER --json`. */
export const explainDerivativeOutputSchema: z.ZodType<
  TimeDerivative & { model: string; hardware: string; batch: number; context: number; fits: boolean }
> = z.object({
  model: z.string(),
  hardware: z.string(),
  fits: z.boolean().describe("where false, all times are what they would be if it did"),
  batch: positive,
  context: positive,
  parameter: z.string(),
  symbol: z.string(),
  meaning: z.string(),
  at: z.number(),
  seconds,
  derivative: z
    .number()
    .nullable()
    .describe("seconds a unit of the parameter; null where the sides differ or the time jumps"),
  right: z.number(),
  left: z.number(),
  elasticity: z.number().nullable(),
  memoryLevel: z.string().describe("the cache that holds all that the step moves, else memory"),
  operations: z.array(
    z.object({
      name: z.string(),
      count: positive,
      seconds,
      right: side,
      left: side,
      tie: z.boolean(),
      jump: z.boolean().describe("its time jumps here: a chunk begins"),
      symbols: z.record(z.string(), z.number()),
    }),
  ),
});
