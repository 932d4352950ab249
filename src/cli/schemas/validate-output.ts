/** What `validate --json` and `audit --json` print. */
import { z } from "zod";
import { measurementKinds } from "../../measurement/measurement-row.ts";
import type { Audit } from "../../validation/audit.ts";
import { auditRules } from "../../validation/audit-finding.ts";
import type { ErrorStatistics } from "../../validation/error-statistics.ts";
import { errorReasons, runErrorReasons } from "../../validation/explain-error.ts";
import { groupings } from "../../validation/validate.ts";
import type { PrintedValidation } from "../printed-validation.ts";
import { seconds, whole } from "./figures.ts";

const reason = z.enum([...errorReasons, ...runErrorReasons]);
const kind = z.enum([...measurementKinds]);
const percent = z.number().describe("per cent of the measured time");
const statistics = {
  rows: whole,
  medianAbsolutePercentageError: percent,
  meanAbsolutePercentageError: percent,
  p95AbsolutePercentageError: percent.describe("95 % of the rows are at most so far off"),
  maxAbsolutePercentageError: percent,
  bias: percent.describe("median of 100 × (predicted − measured) / measured"),
  within10Percent: z.number().min(0).max(100).describe("share of the rows, in per cent"),
  coverage90: z.number().min(0).max(100).exactOptional().describe("with calibrated timing: rows inside the interval"),
  medianIntervalHalfWidth: percent.exactOptional(),
};
/** Statistics of errors, as every validation prints them. */
export const errorStatisticsSchema: z.ZodType<ErrorStatistics> = z.object(statistics);

const place = { table: z.string(), line: whole };

/** `ridgepoint validate --json`. */
export const validateOutputSchema: z.ZodType<PrintedValidation> = z.object({
  hardware: z.string().nullable().describe("null where the rows are of engines, which name their machines"),
  timing: z.enum(["roofline", "calibrated"]),
  engine: z.string().nullable(),
  calibration: z.string().nullable(),
  basis: z.enum(["datasheet", "measured"]).nullable(),
  bandwidthBytesPerSecond: z.number().gt(0).nullable(),
  tables: z.array(z.object({ table: z.string(), kind, rows: whole, leftOut: whole })),
  leftOut: whole.describe("rows that failed or were skipped when measured"),
  kinds: z.partialRecord(
    kind,
    z.object({
      ...statistics,
      groups: z.array(z.object({ by: z.enum(groupings), name: z.string(), ...statistics })),
      reasons: z.partialRecord(reason, whole).describe("rows more than 10 % off"),
      worst: z.array(
        z.object({
          ...place,
          what: z.string(),
          measuredSeconds: seconds,
          predictedSeconds: seconds,
          errorPercent: z.number(),
          reason,
          explanation: z.string(),
        }),
      ),
    }),
  ),
  gate: z.object({ maxMedianPercent: z.number().min(0), missed: z.array(kind) }).nullable(),
  notes: z.array(z.string()),
});

/** `ridgepoint audit --json`. */
export const auditOutputSchema: z.ZodType<Audit & { hardware: string | null }> = z.object({
  hardware: z.string().nullable().describe("null where the rows are of engines, which name their machines"),
  rows: whole,
  leftOut: whole,
  errors: whole,
  warnings: whole,
  findings: z.array(
    z.object({
      ...place,
      kind,
      severity: z.enum(["error", "warning"]),
      rule: z.enum([...auditRules]),
      message: z.string(),
      value: z.number().describe("seconds, bytes a second or FLOPs a second"),
      limit: z.number(),
    }),
  ),
  notJudged: z
    .array(z.object({ reason: z.string(), rows: whole }))
    .describe("rows whose figure was not held against a ceiling"),
  notes: z.array(z.string()).describe("what concerns whole tables: times in another unit, rows of another machine"),
});
