/**
 * Measured rows as cells of their tables (docs/measurement-format.md), and what makes two rows the same: the columns that say
 * what was to be measured.
 */
import { parseNumberFormat } from "../quantity/number-format.ts";
import type { GridRow } from "./measured-shape.ts";
import type { MeasuredKind } from "./measurement-row.ts";
import { multipliedFormat } from "./multiplied-format.ts";
import { activationFormat, shapeBytes } from "./shape-bytes.ts";
import { parametersRead } from "./step-model.ts";
import type { KernelTime } from "./time-kernel.ts";

export interface RowResult {
  readonly row: GridRow;
  readonly status: "ok" | "budget" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly reason: string | null;
  /** Null where it failed or was skipped. */
  readonly time: KernelTime | null;
}

export type Cell = string | number | null;

/** Columns that say what is measured, in the tables' order; their cells make a row's key. */
const keyColumns: Readonly<Record<MeasuredKind, readonly string[]>> = {
  attention: ["kernel", "threads", "dtype", "activations", "batch", "heads", "kv_heads", "head_dim", "context", "cold"],
  linear: ["kernel", "threads", "what", "dtype", "activations", "m", "k", "n", "cold"],
  elementwise: ["kernel", "threads", "op", "dtype", "activations", "rows", "features", "head_dim", "gated", "cold"],
  steps: [
    ...["kernel", "threads", "model", "dtype", "kv_dtype", "activations", "layers", "d_model", "heads", "kv_heads"],
    ...["head_dim", "d_ff", "gated", "vocab", "window", "batch", "context", "cold"],
  ],
};

const figureColumns: Readonly<Record<MeasuredKind, readonly string[]>> = {
  attention: ["multiplies", "kv_bytes", "time_us", "time_min_us", "time_max_us", "gb_per_s"],
  linear: ["multiplies", "weight_bytes", "flops", "time_us", "time_min_us", "time_max_us"],
  elementwise: ["bytes", "time_us", "time_min_us", "time_max_us"],
  steps: ["params_read", "kv_bytes", "weight_bytes", "step_ms", "step_min_ms", "step_max_ms", "tokens_per_s"],
};

/** The columns of a kind's table. */
export function tableColumns(kind: MeasuredKind): readonly string[] {
  return ["gpu", ...keyColumns[kind], ...figureColumns[kind], "time_mad_us", "repetitions", "date", "status"];
}

/** The row's key: equal for rows that measure the same. */
export function rowKey(row: GridRow): string {
  return keyOf(row.shape.kind, keyCells(row));
}

/** The key of a row that stands in a table, from its cells by column. */
export function storedRowKey(kind: MeasuredKind, cells: Readonly<Record<string, string>>): string {
  return keyOf(kind, cells);
}

function keyOf(kind: MeasuredKind, cells: Readonly<Record<string, Cell>>): string {
  return [kind, ...keyColumns[kind].map((column) => `${cells[column] ?? ""}`.trim())].join("|");
}

export interface CellLabels {
  /** The machine's label. */
  readonly machine: string;
  /** The day, as 2026-11-25. */
  readonly date: string;
}

/** The cells of a result in the order of tableColumns. */
export function resultCells(result: RowResult, labels: CellLabels): Cell[] {
  const cells: Record<string, Cell> = {
    gpu: labels.machine,
    ...keyCells(result.row),
    ...statedCells(result.row),
    ...timeCells(result),
    date: labels.date,
    status: statusCell(result),
  };
  return tableColumns(result.row.shape.kind).map((column) => exact(cells[column] ?? null));
}

function keyCells({ shape, backend, threads, cold }: GridRow): Record<string, Cell> {
  const common = { kernel: backend, threads, dtype: shape.dtype, cold: cold ? 1 : 0 };
  const activations = activationFormat(shape.dtype);
  switch (shape.kind) {
    case "attention": {
      const { batch, heads, kvHeads, headDim, context } = shape;
      return { ...common, activations, batch, heads, kv_heads: kvHeads, head_dim: headDim, context };
    }
    case "linear":
      return { ...common, activations, what: shape.what, m: shape.m, k: shape.k, n: shape.n };
    case "elementwise": {
      const { op, rows, features, headDim, gated } = shape;
      return { ...common, activations, op, rows, features, head_dim: headDim, gated: gated === null ? null : +gated };
    }
    case "steps": {
      const { model, kvDtype, layers, dModel, heads, kvHeads, headDim, dFf, gated, vocab, window, batch, context } =
        shape;
      return {
        ...{ ...common, activations, model, kv_dtype: kvDtype, layers, d_model: dModel, heads, kv_heads: kvHeads },
        ...{ head_dim: headDim, d_ff: dFf, gated: gated ? 1 : 0, vocab, window, batch, context },
      };
    }
  }
}

function statedCells(row: GridRow): Record<string, Cell> {
  const { shape } = row;
  const bytes = shapeBytes(shape);
  const multiplies = multipliedFormat(row);
  switch (shape.kind) {
    case "attention":
      return { multiplies, kv_bytes: bytes.kv };
    case "linear":
      return { multiplies, weight_bytes: bytes.weights, flops: bytes.matmulFlops };
    case "elementwise":
      return { bytes: bytes.moved };
    case "steps": {
      const parameters = parametersRead(shape);
      const weights = Math.round((parameters * parseNumberFormat(shape.dtype).bits) / 8);
      return { params_read: parameters, kv_bytes: bytes.kv, weight_bytes: weights };
    }
  }
}

function timeCells({ row: { shape }, time }: RowResult): Record<string, Cell> {
  if (time === null) return {};
  const { medianSeconds, minSeconds, maxSeconds, madSeconds, repetitions } = time;
  const common = { time_mad_us: rounded(madSeconds * 1e6), repetitions };
  if (shape.kind === "steps") {
    const [step_ms, step_min_ms, step_max_ms] = [medianSeconds, minSeconds, maxSeconds].map((s) => rounded(s * 1e3));
    return {
      ...common,
      step_ms,
      step_min_ms,
      step_max_ms,
      tokens_per_s: rounded(shape.batch / medianSeconds),
    } as Record<string, Cell>;
  }
  const times = {
    ...common,
    time_us: rounded(medianSeconds * 1e6),
    time_min_us: rounded(minSeconds * 1e6),
    time_max_us: rounded(maxSeconds * 1e6),
  };
  if (shape.kind !== "attention") return times;
  return { ...times, gb_per_s: rounded(shapeBytes(shape).kv / medianSeconds / 1e9) };
}

/** One line, since a row is one. */
function statusCell({ status, reason }: RowResult): string {
  return reason === null ? status : `${status}:${reason.replace(/[\p{Cc}\s]+/gu, " ").trim()}`;
}

/** Whole numbers as text, digit by digit: tables write numbers with 12 digits, and a key must be found again. */
function exact(cell: Cell): Cell {
  return typeof cell === "number" && Number.isSafeInteger(cell) && Math.abs(cell) >= 1e12 ? String(cell) : cell;
}

/** Six digits: a clock has no more. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
