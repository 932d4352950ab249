/** The columns of each kind of table; docs/measurement-format.md lists them with their units. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { collectiveRow, engineRow, mlaRow, moeRow } from "./imported-row-of-cells.ts";
import type { MeasuredTime, MeasurementKind, MeasurementRow } from "./measurement-row.ts";
import type { RowCells } from "./row-cells.ts";
import { attentionRow, elementwiseRow, linearRow, stepRow } from "./row-of-cells.ts";

export interface TableLayout {
  /** Columns that make the kind. */
  readonly required: readonly string[];
  /** Columns that are read where they are there. */
  readonly optional: readonly string[];
  readonly read: (cells: RowCells, time: MeasuredTime) => MeasurementRow;
  readonly time: TimeColumns;
  /** The column that names the number format, and what an empty cell stands for; null: it must not be empty. */
  readonly format: { readonly column: string; readonly ifEmpty: string | null };
  /** The column that names the machine. */
  readonly machine: string;
}

export interface TimeColumns {
  readonly median: string;
  readonly min: string;
  readonly max: string;
  readonly unit: number;
}

const microseconds: TimeColumns = { median: "time_us", min: "time_min_us", max: "time_max_us", unit: 1e-6 };
const milliseconds: TimeColumns = { median: "step_ms", min: "step_min_ms", max: "step_max_ms", unit: 1e-3 };
const dtype = { column: "dtype", ifEmpty: null };
const kernel = { time: microseconds, format: dtype, machine: "gpu" } as const;

/** Layouts by kind, in the order in which a table is taken for one: those with more required columns first. */
export const tableLayouts: Readonly<Record<MeasurementKind, TableLayout>> = {
  steps: {
    ...kernel,
    required: [
      ...["dtype", "layers", "d_model", "heads", "kv_heads", "head_dim", "d_ff", "gated", "vocab"],
      ...["batch", "context", "step_ms"],
    ],
    optional: ["model", "params_read", "kv_bytes", "weight_bytes", "tokens_per_s", "window"],
    read: stepRow,
    time: milliseconds,
  },
  attention: {
    ...kernel,
    required: ["dtype", "batch", "heads", "kv_heads", "head_dim", "context", "time_us"],
    optional: ["query_tokens", "kv_bytes", "gb_per_s", "window"],
    read: attentionRow,
  },
  moe: {
    ...kernel,
    required: ["dtype", "tokens", "d_model", "d_ff", "experts", "top_k", "time_us"],
    optional: ["gated", "moe_tp", "moe_ep", "distribution"],
    read: moeRow,
  },
  mla: {
    ...kernel,
    required: ["dtype", "batch", "heads", "context", "kv_lora_rank", "time_us"],
    optional: ["query_tokens", "rope_dim", "nope_head_dim", "v_head_dim", "absorbed"],
    read: mlaRow,
  },
  linear: {
    ...kernel,
    required: ["dtype", "m", "k", "n", "time_us"],
    optional: ["what", "weight_bytes", "flops"],
    read: linearRow,
  },
  collectives: {
    ...kernel,
    required: ["op", "gpus", "message_bytes", "dtype", "time_us"],
    optional: [],
    read: collectiveRow,
  },
  elementwise: {
    ...kernel,
    required: ["op", "rows", "features", "dtype", "time_us"],
    optional: ["gated", "bytes"],
    read: elementwiseRow,
  },
  engine: {
    required: ["engine", "model", "hardware", "precision", "metric", "value"],
    optional: ["devices", "pp", "ep", "concurrency", "isl", "osl", "stat", "note"],
    read: engineRow,
    // The figure's unit is the metric's: engineRow turns it into a time.
    time: { median: "value", min: "", max: "", unit: 1 },
    format: { column: "precision", ifEmpty: "bf16" },
    machine: "hardware",
  },
};

/** Columns that any kind may have. */
export const columnsOfAnyKind: readonly string[] = [
  ...["kernel", "engine", "engine_version", "source", "kv_dtype", "activations", "multiplies", "threads", "cold"],
  ...["tp", "repetitions", "time_mad_us", "status"],
];

/** Every column that a kind's rows are read from. */
export function knownColumns(kind: MeasurementKind): ReadonlySet<string> {
  const { required, optional, time, machine } = tableLayouts[kind];
  return new Set([...required, ...optional, ...columnsOfAnyKind, machine, time.median, time.min, time.max]);
}

/**
 * The kind whose columns are all there.
 * @throws InvalidInput where none is, naming what the nearest one lacks
 */
export function kindOfColumns(columns: Iterable<string>, name: string): MeasurementKind {
  const here = new Set(columns);
  const kinds = Object.keys(tableLayouts) as MeasurementKind[];
  const missing = (kind: MeasurementKind): string[] => tableLayouts[kind].required.filter((each) => !here.has(each));
  const shareHere = (kind: MeasurementKind): number => 1 - missing(kind).length / tableLayouts[kind].required.length;
  const found = kinds.find((kind) => missing(kind).length === 0);
  if (found !== undefined) return found;
  const nearest = kinds.reduce((best, kind) => (shareHere(kind) > shareHere(best) ? kind : best));
  const wants =
    shareHere(nearest) < 0.5
      ? `wants the columns of a table of ${kindList}, see docs/measurement-format.md`
      : `nearest to a table of ${nearest}, which also has ${missing(nearest).join(", ")}`;
  throw new InvalidInput(`${name} header`, [...here].join(","), wants);
}

const kindList = "attention, linear, elementwise, mla, moe, collectives, steps or engine";
