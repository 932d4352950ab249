/** A run of `ridgepoint measure` in the fields of its --json (docs/json-output.md). */
import { describeGridRow } from "../measurement/describe-grid-row.ts";
import type { MachineDescription } from "../measurement/machine-description.ts";
import type { RowResult } from "../measurement/measured-cells.ts";
import type { MeasuredKind } from "../measurement/measurement-row.ts";
import { shapeBytes } from "../measurement/shape-bytes.ts";
import type { MeasureGrid } from "./measure-request.ts";
import type { MeasureCounts } from "./measure-text.ts";

export interface PrintedMeasuredRow {
  readonly kind: MeasuredKind;
  readonly what: string;
  readonly cold: boolean;
  readonly status: RowResult["status"];
  readonly reason: string | null;
  /** Null where the row failed or was skipped. */
  readonly time: {
    readonly medianSeconds: number;
    readonly minSeconds: number;
    readonly maxSeconds: number;
    readonly madSeconds: number;
    readonly interval: { readonly lowSeconds: number; readonly highSeconds: number; readonly level: number };
    readonly samples: number;
    readonly repetitions: number;
    readonly clock: "device" | "host";
    /** What the operation reads and writes by the counts, over the median. */
    readonly bytesPerSecond: number;
  } | null;
}

export interface PrintedMeasurement {
  readonly folder: string;
  readonly machine: MachineDescription;
  readonly tables: Readonly<Partial<Record<MeasuredKind, string>>>;
  readonly rowsBefore: number;
  readonly rowsLeft: number;
  readonly measured: number;
  readonly skipped: number;
  readonly failed: number;
  readonly rows: readonly PrintedMeasuredRow[];
  /** Of the processors' time, while it measured; null where nothing was measured. */
  readonly otherProgramsPercent: number | null;
  readonly notes: readonly string[];
}

/** What `measure --dry-run --json` prints. */
export interface PrintedGrid {
  readonly rows: readonly Pick<PrintedMeasuredRow, "kind" | "what" | "cold">[];
  readonly notes: readonly string[];
}

export function printedGrid({ rows, notes }: MeasureGrid): PrintedGrid {
  return {
    rows: rows.map((row) => ({ kind: row.shape.kind, what: describeGridRow(row), cold: row.cold })),
    notes,
  };
}

export function printedMeasurement(
  machine: MachineDescription,
  results: readonly RowResult[],
  counts: MeasureCounts,
  tables: PrintedMeasurement["tables"],
  notes: readonly string[],
  otherPrograms: number | null,
): PrintedMeasurement {
  const of = (status: RowResult["status"]): number => results.filter((each) => each.status === status).length;
  return {
    folder: counts.folder,
    machine,
    tables,
    rowsBefore: counts.before,
    rowsLeft: counts.left,
    measured: of("ok") + of("budget"),
    skipped: of("skipped"),
    failed: of("failed"),
    rows: results.map(printedRow),
    otherProgramsPercent: otherPrograms === null ? null : 100 * otherPrograms,
    notes,
  };
}

function printedRow({ row, status, reason, time }: RowResult): PrintedMeasuredRow {
  const said = { kind: row.shape.kind, what: describeGridRow(row), cold: row.cold, status, reason };
  if (time === null) return { ...said, time };
  const { medianSeconds, minSeconds, maxSeconds, madSeconds, interval, samples, repetitions, clock } = time;
  const bytesPerSecond = shapeBytes(row.shape).moved / medianSeconds;
  const { lowSeconds, highSeconds, level } = interval;
  return {
    ...said,
    time: {
      ...{ medianSeconds, minSeconds, maxSeconds, madSeconds, interval: { lowSeconds, highSeconds, level } },
      ...{ samples, repetitions, clock, bytesPerSecond },
    },
  };
}
