/** What a foreign format is to the importer: how its files are known, and what their rows become. */
import type { MeasurementKind } from "../measurement-row.ts";
import type { CsvRecord } from "../parse-csv.ts";
import type { ForeignFile } from "./foreign-file.ts";

export interface ForeignFormat {
  readonly id: string;
  /** What writes such files, in a few words. */
  readonly what: string;
  /** What a file must hold to be one, for messages. */
  readonly wants: string;
  /** Whether a file's columns or fields are those of the format. */
  readonly accepts: (file: ForeignFile) => boolean;
  /** Only called for files that it accepts. */
  readonly convert: (file: ForeignFile) => ConvertedTable[];
}

/** Rows of one kind in the measurement layout, each with its place in the foreign file. */
export interface ConvertedTable {
  readonly kind: MeasurementKind;
  readonly columns: readonly string[];
  readonly records: readonly CsvRecord[];
  readonly notConverted: readonly NotConverted[];
}

/** Rows that became none, by reason. */
export interface NotConverted {
  readonly reason: string;
  readonly rows: number;
  /** The first of them. */
  readonly line: number;
}
