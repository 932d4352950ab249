/** What a foreign format is to the importer: how its files are known, and what their rows become. */
import type { MeasurementKind } from "../measurement-row.ts";
import type { NotConverted } from "../measurement-table.ts";
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
  readonly convert: (file: ForeignFile, labels: RunLabels) => ConvertedTable[];
  /** Labels that its files leave open, so that a user may give them. */
  readonly labels?: readonly (keyof RunLabels)[];
}

/** What a run was of, where its file does not say. */
export interface RunLabels {
  readonly model?: string;
  readonly hardware?: string;
  readonly precision?: string;
  readonly kvDtype?: string;
  readonly engineVersion?: string;
  readonly tp?: number;
  readonly pp?: number;
  readonly concurrency?: number;
  readonly isl?: number;
  readonly osl?: number;
}

/** Rows of one kind in the measurement layout, each with its place in the foreign file. */
export interface ConvertedTable {
  readonly kind: MeasurementKind;
  readonly columns: readonly string[];
  readonly records: readonly CsvRecord[];
  readonly notConverted: readonly NotConverted[];
}
