/** The cells of a foreign row as text and numbers; a row whose cell can't be is refused with the reason. */
import { RowRefused } from "./converted-rows.ts";
import type { ForeignTable } from "./foreign-file.ts";

/** Text without spaces around it; empty where the column or the value is missing. */
export function textCell(table: ForeignTable, column: string, row: number): string {
  return foreignText(table.cell(column, row));
}

/** @throws RowRefused unless it is a positive whole number */
export function countCell(table: ForeignTable, column: string, row: number): number {
  const value = numberOf(table.cell(column, row));
  if (value !== null && Number.isSafeInteger(value) && value > 0) return value;
  throw new RowRefused(`${column} is no positive whole number`);
}

/** As countCell, or 0. */
export function wholeCell(table: ForeignTable, column: string, row: number): number {
  return numberOf(table.cell(column, row)) === 0 ? 0 : countCell(table, column, row);
}

/** As countCell; `ifEmpty` where the column or the value is missing. */
export function optionalCountCell(table: ForeignTable, column: string, row: number, ifEmpty: number): number {
  return textCell(table, column, row) === "" ? ifEmpty : countCell(table, column, row);
}

/** A time or a rate; what is not above zero is left to the audit. @throws RowRefused unless it is a number */
export function figureCell(table: ForeignTable, column: string, row: number): number {
  const value = numberOf(table.cell(column, row));
  if (value !== null) return value;
  throw new RowRefused(`${column} is empty or no number`);
}

export function foreignText(value: unknown): string {
  if (typeof value === "string") return value.trim();
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean" ? String(value) : "";
}

/** A finite number, from a number or its decimal text; else null. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string" || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Twelve digits: binary fractions of a table's own would else print seventeen. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
