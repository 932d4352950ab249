/** What a model profile's JSON may hold; unknown keys are refused. The cross-field rules stand in model-from-profile.ts. */
import { z } from "zod";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";
import { isPrintable } from "../quantity/printable-text.ts";
import type {
  LayerKindProfile,
  ModelProfile,
  ReportedParameters,
  SoftmaxAttentionProfile,
  StackProfile,
} from "./model-profile.ts";

const size = z.int().min(1).max(1_000_000_000);
const wholeSize = z.int().min(0).max(1_000_000_000);
const line = z.string().trim().min(1).max(1000).refine(isPrintable, "wants one line without control characters");
const identifier = z
  .string()
  .max(80)
  .regex(/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/, "wants lower-case letters, digits, dots and hyphens, such as llama-3.1-8b");
const kindName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9 .,_-]{0,39}$/, "wants a name of letters, digits, spaces and hyphens");

const softmax = z.strictObject({
  kind: z.literal("softmax"),
  heads: size,
  kvHeads: size,
  headDim: size,
  window: size.nullable().optional(),
  chunk: size.nullable().optional(),
  rotaryDim: wholeSize.optional(),
  qkvBias: z.boolean().optional(),
  outputBias: z.boolean().optional(),
  qkNorm: z.enum(["none", "head", "full"]).optional(),
  sharedKeyValue: z.boolean().optional(),
  outputGate: z.boolean().optional(),
  sinks: z.boolean().optional(),
  relativeBuckets: wholeSize.optional(),
}) satisfies z.ZodType<SoftmaxAttentionProfile>;

const latent = z.strictObject({
  kind: z.literal("latent"),
  heads: size,
  queryRank: size.nullable(),
  kvRank: size,
  ropeDim: size,
  nopeDim: size,
  valueDim: size,
  indexer: z.strictObject({ heads: size, headDim: size, topK: size }).nullable().optional(),
});

const linear = z.strictObject({
  kind: z.literal("linear"),
  keyHeads: size,
  valueHeads: size,
  keyDim: size,
  valueDim: size,
  convolution: size,
});

const dense = z.strictObject({
  kind: z.literal("dense"),
  dFf: size,
  gated: z.boolean(),
  bias: z.boolean().optional(),
});

const mixture = z.strictObject({
  kind: z.literal("mixture"),
  experts: size,
  expertsPerToken: size,
  dFf: size,
  gated: z.boolean(),
  bias: z.boolean().optional(),
  routerBias: z.boolean().optional(),
  sharedDFf: wholeSize.optional(),
  sharedGate: z.boolean().optional(),
});

const layerKind: z.ZodType<LayerKindProfile> = z.strictObject({
  attention: z.discriminatedUnion("kind", [softmax, latent, linear]),
  crossAttention: softmax.optional(),
  feedForward: z.discriminatedUnion("kind", [dense, mixture]),
  norms: z.int().min(0).max(20).optional(),
  parallel: z.boolean().optional(),
});

const stackShape = {
  layers: z.int().min(1).max(10_000),
  layerKinds: z.record(kindName, layerKind),
  first: z.array(kindName).min(1).max(10_000).optional(),
  pattern: z.array(kindName).min(1).max(1000).optional(),
};

const stack: z.ZodType<StackProfile> = z.strictObject(stackShape);

const reported: z.ZodType<ReportedParameters> = z.strictObject({
  value: z.string().regex(/^\d{1,6}(?:\.\d{1,6})?[MBT]$/, "wants a number with M, B or T, such as 8.03B"),
  source: line.optional(),
  note: line.optional(),
  explained: line.optional(),
});

/** The zod schema of a model profile; the published JSON Schema is generated from it. */
export const modelProfileSchema: z.ZodType<ModelProfile> = z.strictObject({
  $schema: z.string().max(200).optional(),
  id: identifier,
  name: line,
  aliases: z.array(line).max(50).optional(),
  family: line,
  source: line,
  parametersReported: reported,
  parametersActiveReported: reported.optional(),
  dModel: size,
  vocab: size,
  embeddingDim: size.optional(),
  fusedQkv: z.boolean().optional(),
  tiedEmbeddings: z.boolean(),
  maxContext: size.nullable(),
  norm: z.enum(["rms", "layer", "plain"]),
  normBias: z.boolean().optional(),
  positions: wholeSize.optional(),
  outerNorms: z.int().min(0).max(10).optional(),
  logitsBias: z.boolean().optional(),
  publishedWeights: z.strictObject({ format: line, expertsOnly: z.boolean(), logitsAt16Bits: z.boolean() }).optional(),
  ...stackShape,
  encoder: stack.optional(),
  notes: z.array(line).max(50).optional(),
});

/**
 * The profile that a JSON value holds.
 * @throws InvalidInput for the first field that is missing, unknown or of another type
 */
export function parseModelProfile(value: unknown): ModelProfile {
  return parseWithSchema(modelProfileSchema, value, "model profile");
}
