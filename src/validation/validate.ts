/**
 * Predictions against measured rows: for each kind of table the error's statistics, by variant, kernel and size, and the rows
 * that are predicted worst, with a reason.
 */
import type { Hardware } from "../hardware/hardware.ts";
import { type MeasurementKind, measurementKinds, softwareOf, variantOfRow } from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { parametersRead } from "../measurement/step-model.ts";
import { formatBytes } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { roofline } from "../timing/roofline.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { conversionNotes } from "./conversion-notes.ts";
import { type ErrorStatistics, errorStatistics, percentageError } from "./error-statistics.ts";
import { type ErrorExplanation, type ErrorReason, errorReasons, explainError } from "./explain-error.ts";
import { type LabelledProfiles, noProfiles } from "./labelled-profiles.ts";
import { otherMachineNote, otherMachines } from "./other-machines.ts";
import { isPredictable, type PredictableRow, type RowPrediction, type RowTiming, rowPredictor } from "./predict-row.ts";
import { unitDoubts } from "./table-units.ts";

/** A row beside its prediction. */
export interface ComparedRow {
  readonly table: string;
  readonly row: PredictableRow;
  readonly prediction: RowPrediction;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
  readonly interval: RowPrediction["interval"];
  readonly errorPercent: number;
}

export interface ErrorGroup extends ErrorStatistics {
  readonly by: "variant" | "kernel" | "size";
  readonly name: string;
}

export interface KindValidation extends ErrorStatistics {
  readonly groups: readonly ErrorGroup[];
  /** Rows more than 10 % off, by reason. */
  readonly reasons: Readonly<Record<ErrorReason, number>>;
  readonly worst: readonly (ComparedRow & ErrorExplanation)[];
}

export interface Validation {
  readonly hardware: Hardware;
  readonly timing: TimingModel["id"];
  readonly engine: string | null;
  readonly calibration: string | null;
  readonly kinds: Readonly<Partial<Record<MeasurementKind, KindValidation>>>;
  readonly compared: readonly ComparedRow[];
  /** Rows that failed or were skipped when measured. */
  readonly leftOut: number;
  readonly notes: readonly string[];
}

export interface ValidationOptions {
  /** The timing model of a machine; the roofline unless given. */
  readonly timing?: RowTiming;
  /** Worst rows a kind; 5 unless given. */
  readonly worst?: number;
  /** What is to be said of tables that a fit saw, where the timing is calibrated. */
  readonly fittedNotes?: readonly string[];
  /** What labels of machines mean; nothing unless given. */
  readonly profiles?: LabelledProfiles;
}

/**
 * Compares every row of the tables with its prediction.
 * @throws InvalidInput for tables without a row, a time that is not above zero, a format that isn't known or can't be multiplied
 */
export function validateTables(
  tables: readonly MeasurementTable[],
  hardware: Hardware,
  options: ValidationOptions = {},
): Validation {
  const timingOf = options.timing ?? roofline;
  const predict = rowPredictor(hardware, timingOf);
  const compared = tables.flatMap((table) =>
    table.rows.filter(isPredictable).map((row) => compare(row, table.name, predict(row, table.name))),
  );
  const leftOut = tables.reduce((sum, table) => sum + table.leftOut, 0);
  if (compared.length === 0) {
    const [unlike = null] = unpredicted(tables);
    const why = unlike ?? (leftOut > 0 ? `${leftOut} failed or were skipped` : null);
    const wants = `no row to compare${why === null ? "" : `: ${why}`}`;
    throw new InvalidInput("table", tables.map((table) => table.name).join(", "), wants);
  }
  const kinds: Partial<Record<MeasurementKind, KindValidation>> = {};
  for (const kind of measurementKinds) {
    const rows = compared.filter((each) => each.row.kind === kind);
    if (rows.length > 0) kinds[kind] = validateKind(rows, hardware, options.worst ?? 5);
  }
  const others = otherMachines(tables, hardware, options.profiles ?? noProfiles);
  const notes = [
    ...predict.notes(),
    ...(predict.timing === "calibrated" ? (options.fittedNotes ?? []) : []),
    ...notesOn(compared),
    ...unpredicted(tables),
    ...conversionNotes(tables),
    ...others.map((each) => otherMachineNote(each, hardware)),
    ...unitDoubts(tables, hardware).map(({ table, message }) => `${table}: ${message}`),
  ];
  const { timing, engine, calibration } = predict;
  return { hardware, timing, engine, calibration, kinds, compared, leftOut, notes };
}

function compare(row: PredictableRow, table: string, prediction: RowPrediction): ComparedRow {
  if (!(row.seconds > 0)) {
    const [column, unit] = row.kind === "steps" ? ["step_ms", 1e-3] : ["time_us", 1e-6];
    const wants = "wants a time above 0; `ridgepoint audit` lists all such rows";
    throw new InvalidInput(
      `${table} line ${row.line}, column ${column}`,
      Number((row.seconds / unit).toPrecision(12)),
      wants,
    );
  }
  const measuredSeconds = row.seconds;
  const predictedSeconds = prediction.seconds;
  const errorPercent = percentageError({ measuredSeconds, predictedSeconds });
  return { table, row, prediction, measuredSeconds, predictedSeconds, interval: prediction.interval, errorPercent };
}

function validateKind(rows: readonly ComparedRow[], hardware: Hardware, worst: number): KindValidation {
  const shortest = shortestByKernel(rows);
  const explained = (each: ComparedRow): ErrorExplanation =>
    explainError(each.row, each.prediction, hardware, shortest.get(softwareOf(each.row)) ?? 0);
  const reasons = Object.fromEntries(errorReasons.map((reason) => [reason, 0])) as Record<ErrorReason, number>;
  for (const each of rows) if (Math.abs(each.errorPercent) > 10) reasons[explained(each).reason] += 1;
  const sorted = [...rows].sort((a, b) => Math.abs(b.errorPercent) - Math.abs(a.errorPercent));
  return {
    ...errorStatistics(rows),
    groups: [
      ...groupsBy("variant", rows, variantOf, (a, b) => variants.indexOf(a) - variants.indexOf(b)),
      ...groupsBy("kernel", rows, (each) => softwareOf(each.row), undefined),
      ...groupsBy("size", rows, decadeOf, (a, b) => Number(a) - Number(b)).map((group) => ({
        ...group,
        name: `${formatBytes(10 ** Number(group.name))} to ${formatBytes(10 ** (Number(group.name) + 1))}`,
      })),
    ],
    reasons,
    worst: sorted.slice(0, worst).map((each) => ({ ...each, ...explained(each) })),
  };
}

/** The shortest measured row of each kernel. */
function shortestByKernel(rows: readonly ComparedRow[]): ReadonlyMap<string | null, number> {
  const shortest = new Map<string | null, number>();
  for (const { row } of rows) {
    const kernel = softwareOf(row);
    shortest.set(kernel, Math.min(row.seconds, shortest.get(kernel) ?? row.seconds));
  }
  return shortest;
}

const variants: readonly string[] = ["MHA", "GQA", "MQA"];

function variantOf({ row }: ComparedRow): string | null {
  return variantOfRow(row);
}

/** The power of ten below the bytes moved, over the link too. */
function decadeOf({ prediction }: ComparedRow): string {
  return String(Math.floor(Math.log10(prediction.bytes + prediction.linkBytes)));
}

/** Statistics of each group, in the order given, else of first appearance; rows without a name are in no group. */
function groupsBy(
  by: ErrorGroup["by"],
  rows: readonly ComparedRow[],
  nameOf: (row: ComparedRow) => string | null,
  order: ((a: string, b: string) => number) | undefined,
): ErrorGroup[] {
  const groups = new Map<string, ComparedRow[]>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === null) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const names = [...groups.keys()];
  if (order !== undefined) names.sort(order);
  return names.map((name) => ({ by, name, ...errorStatistics(groups.get(name) ?? []) }));
}

/** What a reader should know about the tables: several machines in them, a row whose parameters are not those of its columns. */
function notesOn(compared: readonly ComparedRow[]): string[] {
  const notes: string[] = [];
  const machines = new Set(compared.flatMap(({ row }) => (row.gpu === null ? [] : [row.gpu])));
  if (machines.size > 1) {
    notes.push(`the rows are of ${machines.size} machines (${[...machines].slice(0, 4).join(", ")}), predicted as one`);
  }
  const different = compared.filter(({ row }) => {
    if (row.kind !== "steps" || row.statedParametersRead === null) return false;
    return Math.abs(parametersRead(row) / row.statedParametersRead - 1) > 0.01;
  });
  if (different.length > 0) {
    const first = different[0] as ComparedRow;
    notes.push(
      `${different.length} ${different.length === 1 ? "row has" : "rows have"} a params_read more than 1 % from the count of its columns, first ${first.table} line ${first.row.line}`,
    );
  }
  return notes;
}

/** Rows that only the audit looks at. */
function unpredicted(tables: readonly MeasurementTable[]): string[] {
  const runs = tables.reduce((sum, table) => sum + table.rows.filter((row) => !isPredictable(row)).length, 0);
  return runs === 0
    ? []
    : [`${runs} ${runs === 1 ? "row is" : "rows are"} of whole engines, which are not predicted here`];
}
