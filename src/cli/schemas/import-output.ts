/** What `import --json` prints. */
import { z } from "zod";
import { type MeasurementKind, measurementKinds } from "../../measurement/measurement-row.ts";
import type { PrintedImport } from "../commands/import.ts";
import { whole } from "./figures.ts";

const kind: z.ZodType<MeasurementKind> = z.enum([...measurementKinds]);

export const importOutputSchema: z.ZodType<PrintedImport> = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      format: z.string(),
      tables: z.array(
        z.object({
          kind,
          rows: whole,
          notConverted: z
            .array(z.object({ reason: z.string(), rows: whole, line: whole.describe("the first of them") }))
            .describe("rows that became none, by reason"),
        }),
      ),
    }),
  ),
  written: z.array(z.object({ kind, path: z.string(), rows: whole })),
});
