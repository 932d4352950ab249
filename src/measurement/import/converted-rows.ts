/** Gathers converted rows of one kind, and counts those that could not be converted by their reason. */
import { printableText } from "../../quantity/printable-text.ts";
import type { MeasurementKind } from "../measurement-row.ts";
import type { NotConverted } from "../measurement-table.ts";
import type { CsvRecord } from "../parse-csv.ts";
import type { ConvertedTable } from "./foreign-format.ts";

/** A reason quotes a cell: neither long cells nor a column of different ones may fill the screen. */
const longestReason = 160;
const mostReasons = 20;

export type ConvertedCell = string | number | null | undefined;

/** Thrown inside a format's conversion of a row, to count it with its reason. */
export class RowRefused extends Error {}

export interface ConvertedRows {
  /** Converts one row: its cells in the order of the columns, or RowRefused with the reason. */
  add(line: number, cells: () => readonly ConvertedCell[]): void;
  table(): ConvertedTable;
}

export function convertedRows(kind: MeasurementKind, columns: readonly string[]): ConvertedRows {
  const records: CsvRecord[] = [];
  const refused = new Map<string, { rows: number; line: number }>();
  return {
    add(line, cells) {
      try {
        records.push({ line, cells: cells().map(cellText) });
      } catch (error) {
        if (!(error instanceof RowRefused)) throw error;
        const reason = printableText(error.message).slice(0, longestReason);
        const listed = refused.has(reason) || refused.size < mostReasons ? reason : "for yet other reasons";
        const known = refused.get(listed);
        if (known === undefined) refused.set(listed, { rows: 1, line });
        else known.rows += 1;
      }
    },
    table() {
      const notConverted = [...refused].map(([reason, at]): NotConverted => ({ reason, ...at }));
      return { kind, columns, records, notConverted };
    },
  };
}

function cellText(cell: ConvertedCell): string {
  return cell === null || cell === undefined ? "" : String(cell);
}
