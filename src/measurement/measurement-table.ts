/**
 * A measurement table as rows. Its kind is known by its columns; docs/measurement-format.md lists them with their units.
 * Rows that say they failed or were skipped are left out and counted.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { MeasuredTime, MeasurementKind, MeasurementRow } from "./measurement-row.ts";
import { parseCsv } from "./parse-csv.ts";
import { type RowCells, rowCells } from "./row-cells.ts";
import { attentionRow, elementwiseRow, linearRow, stepRow } from "./row-of-cells.ts";

export interface MeasurementTable {
  /** The file's name, as given. */
  readonly name: string;
  readonly kind: MeasurementKind;
  /** All columns in their order. */
  readonly columns: readonly string[];
  /** Those that nobody here knows; each row holds their cells. */
  readonly otherColumns: readonly string[];
  readonly rows: readonly MeasurementRow[];
  /** Rows whose status is failed or skipped. */
  readonly leftOut: number;
}

interface Layout {
  /** Columns that make the kind. */
  readonly required: readonly string[];
  /** Columns that are read where they are there. */
  readonly optional: readonly string[];
  readonly read: (cells: RowCells, time: MeasuredTime) => MeasurementRow;
  readonly timeColumns: { readonly median: string; readonly min: string; readonly max: string; readonly unit: number };
}

const microseconds = { median: "time_us", min: "time_min_us", max: "time_max_us", unit: 1e-6 };
const milliseconds = { median: "step_ms", min: "step_min_ms", max: "step_max_ms", unit: 1e-3 };

const layouts: Readonly<Record<MeasurementKind, Layout>> = {
  attention: {
    required: ["dtype", "batch", "heads", "kv_heads", "head_dim", "context", "time_us"],
    optional: ["kv_bytes", "gb_per_s", "window"],
    read: attentionRow,
    timeColumns: microseconds,
  },
  linear: {
    required: ["dtype", "m", "k", "n", "time_us"],
    optional: ["what", "weight_bytes", "flops"],
    read: linearRow,
    timeColumns: microseconds,
  },
  elementwise: {
    required: ["op", "rows", "features", "dtype", "time_us"],
    optional: ["gated", "bytes"],
    read: elementwiseRow,
    timeColumns: microseconds,
  },
  steps: {
    required: [
      ...["dtype", "layers", "d_model", "heads", "kv_heads", "head_dim", "d_ff", "gated", "vocab"],
      ...["batch", "context", "step_ms"],
    ],
    optional: ["model", "params_read", "kv_bytes", "weight_bytes", "tokens_per_s", "window"],
    read: stepRow,
    timeColumns: milliseconds,
  },
};

/** Columns that any kind may have. */
const everywhere = [
  ...["gpu", "kernel", "engine", "kv_dtype", "activations", "multiplies", "threads", "cold", "tp"],
  ...["repetitions", "time_mad_us", "status"],
];
const none: readonly string[] = [];

/**
 * Reads a table.
 * @param name the file's name, for the messages
 * @throws InvalidInput naming file, line and column, what stands there and what is wanted
 */
export function readMeasurementTable(text: string, name: string): MeasurementTable {
  const records = parseCsv(text, name);
  const header = records.next();
  if (header.done === true) throw new InvalidInput("table", name, "the file is empty, wants a header and rows");
  const columns = header.value.cells.map((column) => column.trim());
  const indexes = columnIndexes(columns, name);
  const kind = kindOf(indexes, name);
  const layout = layouts[kind];
  const others = otherIndexes(columns, layout);
  const labels = new Map<string, string>();
  const rows: MeasurementRow[] = [];
  let leftOut = 0;
  for (const { line, cells } of records) {
    if (cells.length !== columns.length) {
      const wants = `the header has ${columns.length} cells`;
      throw new InvalidInput(`${name} line ${line}`, `${cells.length} cells`, wants);
    }
    const reader = rowCells(name, line, cells, indexes, labels);
    const otherCells = others.length === 0 ? none : others.map((index) => cells[index] ?? "");
    if (isLeftOut(reader)) leftOut += 1;
    else rows.push(layout.read(reader, measuredTime(reader, line, otherCells, layout)));
  }
  return { name, kind, columns, otherColumns: others.map((index) => columns[index] ?? ""), rows, leftOut };
}

/** Places of the columns that nobody here reads. */
function otherIndexes(columns: readonly string[], layout: Layout): number[] {
  const { median, min, max } = layout.timeColumns;
  const known = new Set<string>([...layout.required, ...layout.optional, ...everywhere, median, min, max]);
  return columns.flatMap((column, index) => (known.has(column) ? [] : [index]));
}

function columnIndexes(columns: readonly string[], name: string): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  columns.forEach((column, index) => {
    if (indexes.has(column)) throw new InvalidInput(`${name} header`, column, "the column stands there twice");
    indexes.set(column, index);
  });
  return indexes;
}

/** The kind whose columns are all there; where none is, the message names what the nearest one lacks. */
function kindOf(indexes: ReadonlyMap<string, number>, name: string): MeasurementKind {
  const missing = (kind: MeasurementKind): string[] => layouts[kind].required.filter((column) => !indexes.has(column));
  const shareHere = (kind: MeasurementKind): number => 1 - missing(kind).length / layouts[kind].required.length;
  const kinds: MeasurementKind[] = ["steps", "attention", "linear", "elementwise"];
  const found = kinds.find((kind) => missing(kind).length === 0);
  if (found !== undefined) return found;
  const nearest = kinds.reduce((best, kind) => (shareHere(kind) > shareHere(best) ? kind : best));
  const wants =
    shareHere(nearest) < 0.5
      ? "wants the columns of an attention, linear, elementwise or steps table, see docs/measurement-format.md"
      : `nearest to a table of ${nearest}, which also has ${missing(nearest).join(", ")}`;
  throw new InvalidInput(`${name} header`, [...indexes.keys()].join(","), wants);
}

function isLeftOut(cells: RowCells): boolean {
  const status = (cells.label("status") ?? "ok").toLowerCase();
  if (status === "ok" || status === "budget") return false;
  if (/^(failed|skipped)\b/.test(status)) return true;
  throw cells.refused("status", "wants ok, budget, failed:reason or skipped");
}

function measuredTime(cells: RowCells, line: number, otherCells: readonly string[], layout: Layout): MeasuredTime {
  const { median, min, max, unit } = layout.timeColumns;
  const seconds = (column: string, scale: number): number | null => {
    const value = cells.optionalNumber(column);
    return value === null ? null : value * scale;
  };
  return {
    line,
    otherCells,
    gpu: cells.label("gpu"),
    kernel: cells.label("kernel"),
    engine: cells.label("engine"),
    dtype: requiredLabel(cells, "dtype", "wants a number format such as bf16"),
    kvDtype: cells.label("kv_dtype"),
    activations: cells.label("activations"),
    multiplies: cells.label("multiplies"),
    threads: cells.optionalCount("threads"),
    cold: cells.label("cold") === null ? null : cells.flag("cold"),
    tp: cells.optionalCount("tp") ?? 1,
    seconds: cells.number(median) * unit,
    minSeconds: seconds(min, unit),
    maxSeconds: seconds(max, unit),
    madSeconds: seconds("time_mad_us", 1e-6),
    repetitions: cells.optionalCount("repetitions"),
  };
}

function requiredLabel(cells: RowCells, column: string, wants: string): string {
  const label = cells.label(column);
  if (label === null) throw cells.refused(column, wants);
  return label;
}
