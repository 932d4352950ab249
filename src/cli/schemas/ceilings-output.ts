/** What `measure ceilings --json` prints; docs/json-output.md says it in words. */
import { z } from "zod";
import { hardwareProfileSchema } from "../../hardware/hardware-profile-schema.ts";
import type { MeasuredCeilings } from "../printed-ceilings.ts";
import { amount, bytes, positive, whole } from "./figures.ts";

const figure = z.object({
  median: amount,
  least: amount,
  largest: amount,
  deviation: amount.describe("median absolute deviation"),
  samples: positive,
});
const format = z.enum(["f64", "f32", "f16", "bf16", "int8"]);

const machine = z.object({
  label: z.string(),
  processor: z.string(),
  architecture: z.string(),
  cores: positive,
  usableThreads: positive,
  caches: z.array(
    z.object({
      level: positive,
      type: z.enum(["data", "instruction", "unified"]),
      bytes: bytes.describe("of one instance"),
      sharedBy: positive,
      instances: positive.nullable(),
    }),
  ),
  memoryBytes: bytes,
  operatingSystem: z.string(),
  node: z.string(),
  v8: z.string(),
  version: z.string().nullable(),
  adapter: z.string().nullable(),
  date: z.string(),
});

/** `ridgepoint measure ceilings --json`. */
export const ceilingsOutputSchema: z.ZodType<MeasuredCeilings & { files: string[] }> = z.object({
  backend: z.enum(["reference", "wasm", "webgpu"]),
  streams: z.array(
    z.object({
      stream: z.enum(["read", "write", "copy", "triad"]),
      threads: positive,
      workingSetBytes: bytes,
      bytesPerSecond: figure,
    }),
  ),
  multiplyAdds: z.array(z.object({ format, threads: positive, flopsPerSecond: figure })),
  starts: z.array(z.object({ threads: positive, seconds: figure })),
  refused: z.array(z.string()).describe("what the backend does not do, and why"),
  machine,
  threads: positive.describe("of the profile"),
  levels: z.array(
    z.object({
      threads: positive,
      levels: z.array(
        z.object({
          name: z.string(),
          bytes: bytes.nullable().describe("null of memory"),
          statedBytes: bytes.nullable().describe("what the operating system says"),
          bytesPerSecond: amount,
          points: whole,
          least: amount,
          largest: amount,
        }),
      ),
    }),
  ),
  profile: hardwareProfileSchema,
  otherProgramsPercent: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe("of the processors' time, while it measured; null where nobody watched"),
  notes: z.array(z.string()).describe("what makes the figures doubtful"),
  files: z.array(z.string()),
});
