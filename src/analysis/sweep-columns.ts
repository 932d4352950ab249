/** The columns of a sweep, in their order: the names of `step --json` with dots as underscores, and what a row stands for. */

/** text; whole and number are numbers (whole ones are integers in Parquet); flag is true or false. */
export type SweepColumnKind = "text" | "whole" | "number" | "flag";

export interface SweepColumn {
  readonly name: string;
  readonly kind: SweepColumnKind;
  /** Place among the text columns, or among all the others. */
  readonly slot: number;
}

export type SweepColumnName =
  | "status"
  | "model"
  | "hardware"
  | "attention"
  | "phase"
  | "weights"
  | "kvCache"
  | "activations"
  | "batch"
  | "context"
  | "queryTokens"
  | "beams"
  | "parallelism_tensor"
  | "parallelism_pipeline"
  | "parallelism_expert"
  | "parallelism_devices"
  | "timing"
  | "engine"
  | "calibration"
  | "totals_flops"
  | "totals_matmulFlops"
  | "totals_bytes"
  | "totals_weightBytes"
  | "totals_kvBytes"
  | "totals_activationBytes"
  | "totals_linkBytes"
  | "arithmeticIntensity"
  | "seconds"
  | "secondsIfItFitted"
  | "lowerBoundSeconds"
  | "interval_low"
  | "interval_high"
  | "interval_level"
  | "tokensPerSecond"
  | "bound"
  | "shares_weights"
  | "shares_cache"
  | "shares_activations"
  | "shares_compute"
  | "shares_link"
  | "shares_overhead"
  | "footprint_bytes"
  | "footprint_weightBytes"
  | "footprint_cacheBytes"
  | "capacityBytes"
  | "limitBytes"
  | "fits"
  | "largestBatch"
  | "memoryLevel";

const kinds: Readonly<Record<SweepColumnName, SweepColumnKind>> = {
  status: "text",
  model: "text",
  hardware: "text",
  attention: "text",
  phase: "text",
  weights: "text",
  kvCache: "text",
  activations: "text",
  batch: "whole",
  context: "whole",
  queryTokens: "whole",
  beams: "whole",
  parallelism_tensor: "whole",
  parallelism_pipeline: "whole",
  parallelism_expert: "whole",
  parallelism_devices: "whole",
  timing: "text",
  engine: "text",
  calibration: "text",
  totals_flops: "number",
  totals_matmulFlops: "number",
  totals_bytes: "number",
  totals_weightBytes: "number",
  totals_kvBytes: "number",
  totals_activationBytes: "number",
  totals_linkBytes: "number",
  arithmeticIntensity: "number",
  seconds: "number",
  secondsIfItFitted: "number",
  lowerBoundSeconds: "number",
  interval_low: "number",
  interval_high: "number",
  interval_level: "number",
  tokensPerSecond: "number",
  bound: "text",
  shares_weights: "number",
  shares_cache: "number",
  shares_activations: "number",
  shares_compute: "number",
  shares_link: "number",
  shares_overhead: "number",
  footprint_bytes: "number",
  footprint_weightBytes: "number",
  footprint_cacheBytes: "number",
  capacityBytes: "number",
  limitBytes: "number",
  fits: "flag",
  largestBatch: "whole",
  memoryLevel: "text",
};

export const sweepColumns: readonly SweepColumn[] = numbered();

/** How many columns are text, and how many hold numbers and flags. */
export const sweepTextColumns: number = sweepColumns.filter(({ kind }) => kind === "text").length;
export const sweepNumberColumns: number = sweepColumns.length - sweepTextColumns;

/** The slot of a column by its name. */
export function sweepSlot(name: SweepColumnName): number {
  return (sweepColumns.find((column) => column.name === name) as SweepColumn).slot;
}

function numbered(): SweepColumn[] {
  let texts = 0;
  let numbers = 0;
  return Object.entries(kinds).map(([name, kind]) => ({ name, kind, slot: kind === "text" ? texts++ : numbers++ }));
}
