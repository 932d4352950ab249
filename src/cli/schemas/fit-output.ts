/** What `fit --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import type { MemoryFitRow } from "../../planning/memory-fit.ts";
import { bytes, positive, whole } from "./figures.ts";

const memory = z
  .object({
    weightBytes: bytes,
    activationBytes: bytes,
    runtimeBytes: bytes,
    collectiveBytes: bytes,
    fragmentationBytes: bytes,
    reserveBytes: bytes,
    roomBytes: z.number().describe("bytes left for caches; below 0 where the rest alone does not fit"),
    capacityBytes: bytes,
  })
  .describe(
    "of the device that is full first with requests of the shortest context; all but the capacity add up to it",
  );

const row: z.ZodType<MemoryFitRow> = z.object({
  model: z.string(),
  hardware: z.string(),
  engine: z.enum(["vllm", "trt-llm", "sglang", "llama.cpp", "ideal"]),
  attention: z.string(),
  heads: z.string(),
  weights: z.string(),
  kvCache: z.string(),
  parallelism: z.object({ tensor: positive, pipeline: positive, expert: positive, devices: positive }),
  refused: z.string().nullable().describe("why this variant can't be had so; figures are null and lists empty then"),
  cacheBytesPerToken: bytes.nullable().describe("bytes of the whole model, windows disregarded"),
  deviceCacheBytesPerToken: bytes.nullable().describe("bytes on the device that holds the most of it"),
  stateBytes: bytes.nullable().describe("bytes of a request on that device whatever its context"),
  memory: memory.nullable(),
  fits: z.boolean().describe("one request of the shortest context"),
  missingBytes: bytes.nullable().describe("bytes that a device lacks for that; null where it fits"),
  maxContext: positive
    .nullable()
    .describe("longest context that the model was made for; null where unknown or unlimited"),
  largestBatches: z.array(
    z.object({
      context: positive,
      requestBytes: bytes.describe("bytes of a request's cache on the device that is full first, in whole pages"),
      batch: whole.nullable().describe("null where memory sets no limit"),
    }),
  ),
  longestContexts: z.array(
    z.object({
      batch: positive,
      context: whole.nullable().describe("tokens that memory has room for; null where it sets no limit"),
      usableContext: whole.nullable().describe("the same, at most maxContext; null where neither sets a limit"),
    }),
  ),
});

/** `ridgepoint fit --json`. */
export const fitOutputSchema: z.ZodType<{ rows: readonly MemoryFitRow[]; notes: readonly string[] }> = z.object({
  rows: z.array(row),
  notes: z.array(z.string()),
});
