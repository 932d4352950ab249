/** The candidates of a plan as rows of CSV, which all have the same columns. */
import type { CandidateRow } from "../planning/candidate-row.ts";

const noInterval = { low: null, high: null, level: null };
const noPrefill = {
  ...{ replicas: null, tp: null, pp: null, ep: null, devices: null },
  ...{ utilization: null, transferSeconds: null },
};

export function planCsvRow(row: CandidateRow): Readonly<Record<string, unknown>> {
  return {
    ...row,
    maxSequences: Number.isFinite(row.maxSequences) ? row.maxSequences : null,
    prefill: row.prefill ?? noPrefill,
    ttftInterval: row.ttftInterval ?? noInterval,
    tpotInterval: row.tpotInterval ?? noInterval,
  };
}
