/**
 * Predictions against measured rows: for each kind of table the error's statistics, by variant, kernel and size, and the rows
 * that are predicted worst, with a reason.
 */
import type { Hardware } from "../hardware/hardware.ts";
import {
  type EngineRow,
  type MeasurementKind,
  type MeasurementRow,
  measurementKinds,
  softwareOf,
  variantOfRow,
} from "../measurement/measurement-row.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { parametersRead } from "../measurement/step-model.ts";
import { formatBytes } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Calibration } from "../timing/calibration.ts";
import { roofline } from "../timing/roofline.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import { conversionNotes } from "./conversion-notes.ts";
import { type EngineRowPredictions, predictEngineRows } from "./engine-rows/predict-engine-rows.ts";
import type { RunNames } from "./engine-rows/predicted-run.ts";
import { type ErrorStatistics, errorStatistics, percentageError } from "./error-statistics.ts";
import {
  type ErrorExplanation,
  type ErrorReason,
  errorReasons,
  explainError,
  runErrorReasons,
} from "./explain-error.ts";
import { explainRun } from "./explain-run.ts";
import { type LabelledProfiles, noProfiles } from "./labelled-profiles.ts";
import { otherMachineNote, otherMachines } from "./other-machines.ts";
import { isPredictable, type PredictableRow, type RowPrediction, type RowTiming, rowPredictor } from "./predict-row.ts";
import { unitDoubts } from "./table-units.ts";

/** A row beside its prediction. */
export interface ComparedRow {
  readonly table: string;
  readonly row: MeasurementRow;
  /** Of a whole engine: whose constants, on which machine, with which model. */
  readonly run: RunNames | null;
  readonly prediction: RowPrediction;
  readonly measuredSeconds: number;
  readonly predictedSeconds: number;
  readonly interval: RowPrediction["interval"];
  readonly errorPercent: number;
}

/** What rows are grouped by: those of kernels and steps by the first three, those of whole engines by the others. */
export const groupings = ["variant", "kernel", "size", "engine", "machine", "metric", "model"] as const;

export interface ErrorGroup extends ErrorStatistics {
  readonly by: (typeof groupings)[number];
  readonly name: string;
}

export interface KindValidation extends ErrorStatistics {
  readonly groups: readonly ErrorGroup[];
  /** Rows more than 10 % off, by reason. */
  readonly reasons: Readonly<Partial<Record<ErrorReason, number>>>;
  readonly worst: readonly (ComparedRow & ErrorExplanation)[];
}

export interface Validation {
  /** Null where all rows are of whole engines, which name their machines, and none was given. */
  readonly hardware: Hardware | null;
  /** Of kernels and steps; where there are none, of the whole engines. */
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
  /** What labels of machines and models mean; nothing unless given, and whole engines are then not predicted. */
  readonly profiles?: LabelledProfiles;
  /** Fits whose kernels, and whose constants of engines, predict rows of whole engines; none unless given. */
  readonly calibrations?: readonly Calibration[];
}

/**
 * Compares every row of the tables with its prediction.
 * @param hardware null where all rows are of whole engines, which name their machines
 * @throws InvalidInput for tables without a row, a time that is not above zero, a format that isn't known or can't be multiplied
 */
export function validateTables(
  tables: readonly MeasurementTable[],
  hardware: Hardware | null,
  options: ValidationOptions = {},
): Validation {
  const profiles = options.profiles ?? noProfiles;
  const predict = hardware === null ? null : rowPredictor(hardware, options.timing ?? roofline);
  const runs = predictEngineRows(tables, hardware, profiles, options.calibrations ?? []);
  const compared = tables.flatMap(({ rows, name }) =>
    rows.flatMap((row): ComparedRow[] => {
      if (!isPredictable(row)) return comparedRun(row, name, runs);
      if (predict === null) throw new InvalidInput("hardware", "none", `${name} wants the machine that was measured`);
      return [compare(row, name, predict(row, name))];
    }),
  );
  const leftOut = tables.reduce((sum, table) => sum + table.leftOut, 0);
  if (compared.length === 0) {
    const why = runs.notes[0] ?? (leftOut > 0 ? `${leftOut} failed or were skipped` : null);
    const wants = `no row to compare${why === null ? "" : `: ${why}`}`;
    throw new InvalidInput("table", tables.map((table) => table.name).join(", "), wants);
  }
  const kinds: Partial<Record<MeasurementKind, KindValidation>> = {};
  for (const kind of measurementKinds) {
    const rows = compared.filter((each) => each.row.kind === kind);
    if (rows.length > 0) kinds[kind] = validateKind(rows, hardware, options.worst ?? 5);
  }
  const onlyRuns = compared.every((each) => each.run !== null);
  const { timing, engine, calibration } = onlyRuns || predict === null ? byEngines : predict;
  const notes = [
    ...(predict?.notes() ?? []),
    ...(timing === "calibrated" ? (options.fittedNotes ?? []) : []),
    ...notesOn(compared),
    ...runs.notes,
    ...conversionNotes(tables),
    ...(hardware === null ? [] : machineNotes(tables, hardware, profiles)),
  ];
  return { hardware, timing, engine, calibration, kinds, compared, leftOut, notes };
}

/** Of whole engines each row says by whose constants it is predicted. */
const byEngines = { timing: "calibrated", engine: null, calibration: null } as const;

function machineNotes(tables: readonly MeasurementTable[], hardware: Hardware, profiles: LabelledProfiles): string[] {
  return [
    ...otherMachines(tables, hardware, profiles).map((each) => otherMachineNote(each, hardware)),
    ...unitDoubts(tables, hardware).map(({ table, message }) => `${table}: ${message}`),
  ];
}

/** None where the row can't be predicted. */
function comparedRun(row: EngineRow, table: string, { runs }: EngineRowPredictions): ComparedRow[] {
  const predicted = runs.get(row);
  if (predicted === undefined) return [];
  const { prediction, names } = predicted;
  return [comparedRow(row, table, prediction, names)];
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
  return comparedRow(row, table, prediction, null);
}

function comparedRow(row: MeasurementRow, table: string, prediction: RowPrediction, run: RunNames | null): ComparedRow {
  const measuredSeconds = row.seconds;
  const predictedSeconds = prediction.seconds;
  const errorPercent = percentageError({ measuredSeconds, predictedSeconds });
  const { interval } = prediction;
  return { table, row, run, prediction, measuredSeconds, predictedSeconds, interval, errorPercent };
}

function validateKind(rows: readonly ComparedRow[], hardware: Hardware | null, worst: number): KindValidation {
  const shortest = shortestByKernel(rows);
  const isRun = rows[0]?.run !== null;
  const explained = ({ row, prediction }: ComparedRow): ErrorExplanation =>
    isRun || hardware === null
      ? explainRun(row.seconds, prediction)
      : explainError(row, prediction, hardware, shortest.get(softwareOf(row)) ?? 0);
  const reasons: Partial<Record<ErrorReason, number>> = Object.fromEntries(
    (isRun ? runErrorReasons : errorReasons).map((reason) => [reason, 0]),
  );
  for (const each of rows) {
    const { reason } = explained(each);
    if (Math.abs(each.errorPercent) > 10) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  const sorted = [...rows].sort((a, b) => Math.abs(b.errorPercent) - Math.abs(a.errorPercent));
  return {
    ...errorStatistics(rows),
    groups: isRun ? runGroups(rows) : kernelGroups(rows),
    reasons,
    worst: sorted.slice(0, worst).map((each) => ({ ...each, ...explained(each) })),
  };
}

function runGroups(rows: readonly ComparedRow[]): ErrorGroup[] {
  return [
    ...groupsBy("engine", rows, ({ run }) => run?.engine ?? null, undefined),
    ...groupsBy("machine", rows, ({ run }) => run?.machine ?? null, undefined),
    ...groupsBy("metric", rows, ({ row }) => (row.kind === "engine" ? row.metric : null), undefined),
    ...groupsBy("model", rows, ({ run }) => run?.model ?? null, undefined),
  ];
}

function kernelGroups(rows: readonly ComparedRow[]): ErrorGroup[] {
  return [
    ...groupsBy("variant", rows, variantOf, (a, b) => variants.indexOf(a) - variants.indexOf(b)),
    ...groupsBy("kernel", rows, (each) => softwareOf(each.row), undefined),
    ...groupsBy("size", rows, decadeOf, (a, b) => Number(a) - Number(b)).map((group) => ({
      ...group,
      name: `${formatBytes(10 ** Number(group.name))} to ${formatBytes(10 ** (Number(group.name) + 1))}`,
    })),
  ];
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
  const machines = new Set(compared.flatMap(({ row, run }) => (row.gpu === null || run !== null ? [] : [row.gpu])));
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
