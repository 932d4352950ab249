/** What `hardware --json`, `hardware show --json` and `hardware --check --json` print. */
import { z } from "zod";
import type { HardwareRow } from "../hardware-text.ts";
import type { ShownHardware } from "../shown-hardware.ts";
import { bytes } from "./figures.ts";

const rate = z.number().gt(0);
const machine = {
  id: z.string(),
  name: z.string(),
  vendor: z.string(),
  kind: z.enum(["gpu", "tpu", "accelerator", "soc", "cpu"]),
  memoryCapacityBytes: bytes.describe("what the device reports where known, else the printed figure"),
  memoryBandwidthBytesPerSecond: rate,
  powerWatts: rate.nullable(),
  pricePerHourUsd: rate.nullable().describe("of one device; null where no price list was found"),
  basis: z.enum(["datasheet", "measured"]),
};
const link = z.object({ name: z.string(), bytesPerSecond: rate });
const format = z.enum(["fp64", "fp32", "bf16", "fp16", "fp8", "int8", "fp4"]);

/** `ridgepoint hardware --json`. */
export const hardwareListOutputSchema: z.ZodType<{ hardware: HardwareRow[] }> = z.object({
  hardware: z.array(
    z.object({
      ...machine,
      peakFlopsPerSecond: z.record(format, rate.nullable()).describe("dense; null where it has no native unit"),
      linkBytesPerSecond: rate.nullable().describe("one device to its peers, in one direction"),
      source: z.string().nullable().describe("of the bandwidth"),
    }),
  ),
});

/** `ridgepoint hardware show --json` and `ridgepoint hardware --check --json`. */
export const hardwareOutputSchema: z.ZodType<ShownHardware> = z.object({
  ...machine,
  memoryCapacityNote: z.string().nullable(),
  peakFlopsPerSecond: z.partialRecord(format, rate),
  processors: z
    .number()
    .nullable()
    .describe("streaming multiprocessors, compute units or GPU cores; null where unknown"),
  caches: z.array(z.object({ name: z.string(), bytes, bandwidthBytesPerSecond: rate.nullable() })),
  link: link.nullable(),
  node: z
    .object({
      devices: z.number().describe("how many devices the link joins"),
      link: link.nullable().describe("one device to those of other nodes, in one direction"),
    })
    .nullable()
    .describe("how devices stand together; null where unknown"),
  kernelStartSeconds: rate.nullable().describe("what starting a kernel costs; null where it was not measured"),
  peaks: z.array(z.object({ format, flopsPerSecond: rate, ridgePoint: rate.describe("FLOPs a byte") })),
  memoryType: z.string().nullable(),
  figures: z
    .array(z.object({ figure: z.string(), value: z.string(), source: z.string(), note: z.string().nullable() }))
    .describe("every figure as its source prints it"),
  notes: z.array(z.string()),
});
