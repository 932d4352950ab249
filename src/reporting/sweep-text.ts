/**
 * A sweep's rows as CSV (RFC 4180) or as JSON, an object a line. Numbers are written in full, as JSON writes them; null is
 * an empty cell in CSV.
 */
import type { SweepBlock } from "../analysis/sweep-block.ts";
import { type SweepColumn, sweepColumns, sweepNumberColumns, sweepTextColumns } from "../analysis/sweep-columns.ts";

export type SweepTextFormat = "csv" | "ndjson";

/** The line above the rows: the columns' names in CSV, nothing in NDJSON. */
export function sweepHeader(format: SweepTextFormat): string {
  return format === "csv" ? `${sweepColumns.map(({ name }) => name).join(",")}\n` : "";
}

/** The rows of a block, a line each. */
export function sweepText(block: SweepBlock, format: SweepTextFormat): string {
  const csv = format === "csv";
  const before = sweepColumns.map(({ name }, i) =>
    csv ? (i === 0 ? "" : ",") : `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`,
  );
  const none = csv ? "" : "null";
  const words = block.words.map(csv ? csvWord : (word) => JSON.stringify(word));
  // Neighbouring rows share many values, and turning a number into text is what costs most here.
  const last = new Float64Array(sweepNumberColumns).fill(Number.NaN);
  const lastText = new Array<string>(sweepNumberColumns).fill(none);
  const end = csv ? "\n" : "}\n";
  let text = "";
  for (let row = 0; row < block.rows; row++) {
    const c = row * sweepTextColumns;
    const n = row * sweepNumberColumns;
    for (let i = 0; i < sweepColumns.length; i++) {
      const { kind, slot } = sweepColumns[i] as SweepColumn;
      text += before[i] as string;
      if (kind === "text") {
        const code = block.codes[c + slot] as number;
        text += code < 0 ? none : (words[code] as string);
        continue;
      }
      const value = block.numbers[n + slot] as number;
      if (value !== last[slot]) {
        last[slot] = value;
        lastText[slot] = Number.isNaN(value) ? none : kind === "flag" ? String(value === 1) : String(value);
      }
      text += lastText[slot] as string;
    }
    text += end;
  }
  return text;
}

function csvWord(word: string): string {
  // A text that a spreadsheet would run as a formula is kept a text.
  const safe = /^[=+\-@\t\r]/.test(word) ? `'${word}` : word;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
