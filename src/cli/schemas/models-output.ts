/** What `models --json`, `models show --json` and `models --check --json` print. */
import { z } from "zod";
import type { ModelRow } from "../model-text.ts";
import type { ShownModel } from "../shown-model.ts";
import { bytes, positive, whole } from "./figures.ts";

const described = {
  id: z.string(),
  name: z.string(),
  family: z.string().nullable().describe("null for a config.json"),
  parameters: positive,
  activeParameters: z.number().min(1).describe("parameters that one token touches"),
  attention: z.string(),
  layers: positive,
  kvBytesPerToken: bytes.describe("keys and values of one token over all layers in 16 bits, windows disregarded"),
  maxContext: positive.nullable().describe("longest context it was made for; null where unknown or unlimited"),
  source: z.string().nullable(),
};

/** `ridgepoint models --json`. */
export const modelsOutputSchema: z.ZodType<{ models: ModelRow[] }> = z.object({ models: z.array(z.object(described)) });

/** `ridgepoint models show --json` and `ridgepoint models --check --json`. */
export const modelOutputSchema: z.ZodType<ShownModel> = z.object({
  ...described,
  encoderLayers: whole,
  dModel: positive,
  vocab: positive,
  publishedFormat: z.string(),
  weightBytes: z
    .array(z.object({ format: z.string(), bytes }))
    .describe("weights in memory by format, scales included; published is what the model's own files hold"),
  cacheEqualsWeightsContext: positive
    .nullable()
    .describe("first context at which one sequence's 16-bit cache is as large as the published weights"),
  layerKinds: z.array(
    z.object({
      stack: z.enum(["decoder", "encoder"]),
      name: z.string(),
      count: positive,
      attention: z.string(),
      feedForward: z.string(),
      parameters: positive.describe("of one layer"),
      kvBytesPerToken: bytes.describe("in one layer, in 16 bits"),
    }),
  ),
  reported: z
    .object({
      value: z.string(),
      source: z.string().nullable(),
      difference: z.number().describe("counted / reported - 1"),
      explained: z.string().nullable(),
    })
    .nullable(),
  notes: z.array(z.string()),
});
