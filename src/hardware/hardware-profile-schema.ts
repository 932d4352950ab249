/** The zod schema of a hardware profile; unknown keys are refused. Its own file, so that built-in profiles never load zod. */
import { z } from "zod";
import { parseWithSchema } from "../quantity/describe-schema-error.ts";
import { isPrintable } from "../quantity/printable-text.ts";
import type { CacheProfile, HardwareProfile, LinkProfile, NodeProfile, ProfileFigure } from "./hardware-profile.ts";

const text: z.ZodType<string> = z
  .string()
  .max(2000)
  .refine((value) => value.trim() !== "", "wants text that is not empty")
  .refine(isPrintable, "wants one line without control characters");

const name: z.ZodType<string> = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'wants small letters, digits, "-" and ".", at most 64, such as "h100-sxm"');

const figure: z.ZodType<ProfileFigure> = z.strictObject({
  value: z
    .string()
    .max(64)
    .refine(isPrintable, "wants one line without control characters")
    .describe('A number and a unit, such as "3.35 TB/s" or "80 GiB"'),
  source: text.describe('Where the figure stands; "recalled, …" where nobody checked it'),
  note: text.exactOptional().describe("Why this figure, where sources disagree"),
});

const cache: z.ZodType<CacheProfile> = z.strictObject({
  name: text,
  capacity: figure,
  bandwidth: figure.exactOptional(),
});

const link: z.ZodType<LinkProfile> = z.strictObject({
  name: text,
  bandwidth: figure.describe("One device's rate in one direction to its peers together"),
});

const node: z.ZodType<NodeProfile> = z.strictObject({
  devices: figure.describe('How many devices `link` joins, such as "8"'),
  link: link.exactOptional().describe("To other nodes: one device's share, in one direction"),
});

/** One device's JSON file. */
export const hardwareProfileSchema: z.ZodType<HardwareProfile> = z.strictObject({
  id: name,
  name: text,
  vendor: text,
  kind: z.enum(["gpu", "tpu", "accelerator", "soc", "cpu"]),
  aliases: z.array(name).max(32).describe("Other names that users type; no two devices share one"),
  basis: z.enum(["datasheet", "measured"]).exactOptional().describe('"datasheet" where absent'),
  note: text.exactOptional(),
  memory: z.strictObject({
    type: text,
    capacity: figure.describe("As printed: GB is a power of 1000 unless GiB is printed"),
    reportedCapacity: figure.exactOptional().describe("What the device itself reports"),
    bandwidth: figure,
  }),
  peak: z
    .strictObject({
      fp64: figure.exactOptional(),
      fp32: figure.exactOptional(),
      bf16: figure.exactOptional(),
      fp16: figure.exactOptional(),
      fp8: figure.exactOptional(),
      int8: figure.exactOptional(),
      fp4: figure.exactOptional(),
    })
    .refine((peak) => Object.keys(peak).length > 0, "wants the rate of at least one number format, such as bf16")
    .describe("Dense rates, never sparse; a format without a unit of its own is absent"),
  processors: figure
    .exactOptional()
    .describe('Streaming multiprocessors, compute units or GPU cores: "132 SMs", "304 CUs", "40 cores"'),
  caches: z
    .array(cache)
    .max(16)
    .describe(
      "From the nearest to the arithmetic outwards; of each core's own, the capacity and bandwidth of all together",
    ),
  link: link.nullable(),
  node: node.exactOptional().describe("How devices stand together in a usual server"),
  kernelStart: figure.exactOptional().describe('What starting a kernel costs, from one to the next, such as "4 us"'),
  power: figure.nullable(),
  pricePerHour: figure.exactOptional().describe('Of one device, such as "2.5 USD/h"'),
});

/**
 * A file's parsed JSON as a hardware profile.
 * @throws InvalidInput for the first key that is unknown, missing or of the wrong kind
 */
export function parseHardwareProfile(value: unknown): HardwareProfile {
  return parseWithSchema(hardwareProfileSchema, value, "hardware profile");
}
