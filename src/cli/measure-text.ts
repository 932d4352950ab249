/** What `ridgepoint measure` prints: a table of its rows, and where they are. */

import { describeShape } from "../measurement/describe-grid-row.ts";
import type { RowResult } from "../measurement/measured-cells.ts";
import { type MeasuredKind, measuredKinds } from "../measurement/measurement-row.ts";
import { shapeBytes } from "../measurement/shape-bytes.ts";
import { formatBandwidth, formatSeconds } from "../quantity/format-quantity.ts";
import { textTable } from "./text-table.ts";

const columns = [
  { title: "kernel" },
  { title: "threads" },
  { title: "what", align: "left" as const },
  { title: "from" },
  { title: "median" },
  { title: "±" },
  { title: "bandwidth" },
  { title: "status", align: "left" as const },
];

/** The rows of each kind, in the order of their shapes. */
export function measureText(results: readonly RowResult[]): string {
  return measuredKinds
    .map((kind) => kindText(kind, results))
    .filter((text) => text !== "")
    .join("\n");
}

function kindText(kind: MeasuredKind, results: readonly RowResult[]): string {
  const rows = results.filter(({ row }) => row.shape.kind === kind).map(rowCells);
  if (rows.length === 0) return "";
  const order = (cells: readonly string[]): string => `${cells[0]} ${cells[1]} ${cells[2]}`;
  const collator = new Intl.Collator("en", { numeric: true });
  return `${kind}\n${textTable(
    columns,
    rows.sort((a, b) => collator.compare(order(a), order(b))),
  )}`;
}

function rowCells({ row, status, reason, time }: RowResult): string[] {
  const { shape, backend, threads, cold } = row;
  const named = [backend, threads === null ? "" : String(threads), describeShape(shape), cold ? "memory" : "cache"];
  if (time === null) return [...named, "", "", "", `${status}: ${reason ?? ""}`];
  const { lowSeconds, highSeconds, level } = time.interval;
  const halfWidth = (50 * (highSeconds - lowSeconds)) / time.medianSeconds;
  // Too few samples have no such interval.
  const spread = level < 0.95 ? "?" : `${halfWidth.toFixed(1)} %`;
  const rate = formatBandwidth(shapeBytes(shape).moved / time.medianSeconds);
  return [...named, formatSeconds(time.medianSeconds), spread, rate, status];
}

export interface MeasureCounts {
  readonly folder: string;
  /** Rows that stood there before. */
  readonly before: number;
  /** Rows of the grid that are still to be measured. */
  readonly left: number;
}

/** @example "61 rows measured, 2 skipped, in measurements/amd-epyc-2-threads" */
export function measureSummary(results: readonly RowResult[], counts: MeasureCounts): string {
  const of = (status: RowResult["status"]): number => results.filter((each) => each.status === status).length;
  const measured = of("ok") + of("budget");
  const parts = [
    `${measured} ${measured === 1 ? "row" : "rows"} measured`,
    ...(of("budget") > 0 ? [`${of("budget")} of them less precise than asked (budget)`] : []),
    ...(of("skipped") > 0 ? [`${of("skipped")} skipped`] : []),
    ...(of("failed") > 0 ? [`${of("failed")} failed`] : []),
    ...(counts.before > 0 ? [`${counts.before} ${counts.before === 1 ? "was" : "were"} there`] : []),
    ...(counts.left > 0 ? [`${counts.left} left: the same command goes on`] : []),
  ];
  return `${parts.join(", ")}; in ${counts.folder}\n`;
}
