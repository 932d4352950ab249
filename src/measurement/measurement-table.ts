/**
 * A measurement table as rows. Its kind is known by its columns; docs/measurement-format.md lists them with their units.
 * Rows that say they failed or were skipped are left out and counted.
 */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { MeasuredTime, MeasurementKind, MeasurementRow } from "./measurement-row.ts";
import { type CsvRecord, parseCsv } from "./parse-csv.ts";
import { type RowCells, rowCells } from "./row-cells.ts";
import { kindOfColumns, knownColumns, type TableLayout, tableLayouts } from "./table-layouts.ts";

export interface MeasurementTable {
  /** The file's name, as given. */
  readonly name: string;
  readonly kind: MeasurementKind;
  /** All columns in their order. */
  readonly columns: readonly string[];
  /** Those that nobody here knows; each row holds their cells. */
  readonly otherColumns: readonly string[];
  readonly rows: readonly MeasurementRow[];
  /** Rows whose status is failed or skipped, and those of a foreign file that could not be converted. */
  readonly leftOut: number;
  /** Why rows of a foreign file could not be converted. */
  readonly notConverted?: readonly NotConverted[];
}

/** Rows of a foreign file that became none, by reason. */
export interface NotConverted {
  readonly reason: string;
  readonly rows: number;
  /** The first of them. */
  readonly line: number;
}

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
  return readMeasurementRecords(columns, records, name);
}

/**
 * As readMeasurementTable, of a table whose cells were already taken apart.
 * @param records the rows, each with its line in the file that they come from
 */
export function readMeasurementRecords(
  columns: readonly string[],
  records: Iterable<CsvRecord>,
  name: string,
): MeasurementTable {
  const indexes = columnIndexes(columns, name);
  const kind = kindOfColumns(columns, name);
  const layout = tableLayouts[kind];
  const known = knownColumns(kind);
  const others = columns.flatMap((column, index) => (known.has(column) ? [] : [index]));
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

function columnIndexes(columns: readonly string[], name: string): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  columns.forEach((column, index) => {
    if (indexes.has(column)) throw new InvalidInput(`${name} header`, column, "the column stands there twice");
    indexes.set(column, index);
  });
  return indexes;
}

function isLeftOut(cells: RowCells): boolean {
  const status = (cells.label("status") ?? "ok").toLowerCase();
  if (status === "ok" || status === "budget") return false;
  if (/^(failed|skipped)\b/.test(status)) return true;
  throw cells.refused("status", "wants ok, budget, failed:reason or skipped");
}

function measuredTime(cells: RowCells, line: number, otherCells: readonly string[], layout: TableLayout): MeasuredTime {
  const { median, min, max, unit } = layout.time;
  const seconds = (column: string, scale: number): number | null => {
    const value = cells.optionalNumber(column);
    return value === null ? null : value * scale;
  };
  return {
    line,
    otherCells,
    gpu: cells.label(layout.machine),
    kernel: cells.label("kernel"),
    engine: cells.label("engine"),
    engineVersion: cells.label("engine_version"),
    source: cells.label("source"),
    dtype: formatLabel(cells, layout),
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

function formatLabel(cells: RowCells, { format }: TableLayout): string {
  const label = cells.label(format.column) ?? format.ifEmpty;
  if (label === null) throw cells.refused(format.column, "wants a number format such as bf16");
  return label;
}
