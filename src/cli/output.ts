/** How commands print: a table for reading, JSON and CSV for programs. */
import type { Command } from "commander";
import { InvalidInput } from "../quantity/invalid-input.ts";

export type OutputKind = "table" | "json" | "csv";

/** Adds --json and --csv. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("--json", "print JSON (schema in schemas/)")
    .option("--csv", "print CSV")
    .option("-v, --verbose", "also the counting rules that mattered");
}

export function outputKind(options: Readonly<Record<string, unknown>>): OutputKind {
  if (options["json"] === true && options["csv"] === true) {
    throw new InvalidInput("csv", "--csv", "--json or --csv, not both");
  }
  return options["json"] === true ? "json" : options["csv"] === true ? "csv" : "table";
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Rows as CSV (RFC 4180): nested fields joined with underscores, null as an empty cell, cells quoted where they must be.
 * Columns are those of the first row.
 */
export function csvText(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const flat = rows.map((row) => flatten(row));
  const columns = Object.keys(flat[0] ?? {});
  const lines = flat.map((row) => columns.map((column) => csvCell(row[column])).join(","));
  return `${[columns.map(csvCell).join(","), ...lines].join("\n")}\n`;
}

/** One level of names: {totals: {flops}} becomes {totals_flops}. Lists are left out. */
export function flatten(row: Readonly<Record<string, unknown>>, prefix = ""): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (Array.isArray(value)) continue;
    if (typeof value === "object" && value !== null)
      Object.assign(flat, flatten(value as Record<string, unknown>, `${prefix}${name}_`));
    else flat[`${prefix}${name}`] = value;
  }
  return flat;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  // A text that a spreadsheet would run as a formula is kept a text.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
