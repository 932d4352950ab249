/** What `measure --json` prints. */
import { z } from "zod";
import type { PrintedGrid, PrintedMeasurement } from "../printed-measurement.ts";
import { bytes, positive, seconds, whole } from "./figures.ts";

const kind = z.enum(["attention", "linear", "elementwise", "steps"]);
const path = z.string();

const machine = z
  .object({
    label: z.string().describe("the gpu column of the tables"),
    processor: z.string(),
    architecture: z.string(),
    cores: positive.describe("hardware threads"),
    usableThreads: positive,
    caches: z.array(
      z.object({
        level: positive,
        type: z.enum(["data", "instruction", "unified"]),
        bytes,
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
  })
  .describe("also in machine.json beside the tables");

/** `ridgepoint measure --json`. */
export const measureOutputSchema: z.ZodType<PrintedMeasurement> = z.object({
  folder: path,
  machine,
  tables: z.partialRecord(kind, path),
  rowsBefore: whole.describe("rows of the grid that stood in the tables already"),
  rowsLeft: whole.describe("rows that an interruption left: the same command goes on with them"),
  measured: whole,
  skipped: whole,
  failed: whole,
  rows: z.array(
    z.object({
      kind,
      what: z.string(),
      cold: z.boolean().describe("read from memory; false: from caches as far as it fits"),
      status: z.enum(["ok", "budget", "failed", "skipped"]),
      reason: z.string().nullable().describe("why it failed or was skipped"),
      time: z
        .object({
          medianSeconds: seconds,
          minSeconds: seconds,
          maxSeconds: seconds,
          madSeconds: seconds.describe("median absolute deviation"),
          interval: z
            .object({ lowSeconds: seconds, highSeconds: seconds, level: z.number().min(0).max(1) })
            .describe("of the median"),
          samples: positive,
          repetitions: positive,
          clock: z.enum(["device", "host"]),
          bytesPerSecond: z.number().gt(0).describe("what the operation moves by the counts, over the median"),
        })
        .nullable(),
    }),
  ),
  otherProgramsPercent: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe("of the processors' time, while it measured; null where nothing was measured"),
  notes: z.array(z.string()),
});

/** `ridgepoint measure --dry-run --json`. */
export const measureGridOutputSchema: z.ZodType<PrintedGrid> = z.object({
  rows: z.array(z.object({ kind, what: z.string(), cold: z.boolean() })).describe("in the order of measuring"),
  notes: z.array(z.string()),
});
