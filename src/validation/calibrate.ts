/**
 * Calibration: fits the kernel forms to measured tables, family by family, and says of each fit how far it holds on rows that it
 * did not see. Whole groups (a matrix shape, a K/V head count, a model) are left out at a time; the intervals that predictions
 * carry are those of the residuals so found, and their coverage is counted on groups that gave no residual to the interval.
 * Rows that no machine could have produced (audit.ts) are left out and counted.
 */
import type { Hardware } from "../hardware/hardware.ts";
import type { MeasurementTable } from "../measurement/measurement-table.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { Calibration, FittedKernel } from "../timing/calibration.ts";
import type { ExecutionProfile } from "../timing/execution-profile.ts";
import { emptyKernelTime, type KernelForm, type KernelMachine } from "../timing/kernel-form.ts";
import { statedMachine } from "../timing/kernel-machine.ts";
import { kernelRegime } from "../timing/kernel-regime.ts";
import { kernelStructure } from "../timing/kernels/kernel-structure.ts";
import { kernelForms } from "../timing/kernels/registry.ts";
import type { KernelCall } from "../timing/operation-call.ts";
import { auditTables, possibleTables } from "./audit.ts";
import { type CrossValidated, crossValidate } from "./cross-validate.ts";
import { reasonNotes } from "./engine-rows/engine-row-reasons.ts";
import { type EngineCalibration, type EngineCalibrations, fitEngines } from "./engine-rows/fit-engines.ts";
import { engineRunsOf } from "./engine-rows/predict-engine-rows.ts";
import { errorSpreads, intervalOf, type Residual } from "./error-spreads.ts";
import { type ErrorStatistics, errorStatistics } from "./error-statistics.ts";
import { familyDoubts } from "./family-doubts.ts";
import { fitForm } from "./fit-form.ts";
import { fitStepKernels, type StepKernelFit, stepSamples } from "./fit-step-kernels.ts";
import { type FamilySamples, familySamples, type KernelSample } from "./form-samples.ts";
import { type LabelledProfiles, noProfiles } from "./labelled-profiles.ts";
import { refuseOtherMachines } from "./other-machines.ts";
import { residualCorrelation } from "./residual-correlation.ts";
import { refuseWrongUnits } from "./table-units.ts";
import {
  describeSlowerVariant,
  slowerVariants,
  type VariantEfficiency,
  variantEfficiencies,
} from "./variant-efficiency.ts";

export interface FamilyCalibration {
  readonly fitted: FittedKernel;
  readonly rows: number;
  readonly groups: number;
  readonly atBound: readonly string[];
  /** Of the rows that were fitted. */
  readonly fittedErrors: ErrorStatistics;
  /** Of rows predicted by fits that saw none of their group, with the coverage of intervals made of other groups; null for one group. */
  readonly heldOutErrors: ErrorStatistics | null;
  readonly heldOut: readonly CrossValidated<KernelCall>[];
}

export interface CalibrationResult {
  readonly calibration: Calibration;
  readonly families: readonly FamilyCalibration[];
  /** Constants of engines, where rows of whole runs are among the tables. */
  readonly engines: readonly EngineCalibration[];
  readonly steps: StepKernelFit | null;
  readonly heldOutStepErrors: ErrorStatistics | null;
  /** What decode attention kernels reach of the read ceiling, by how query heads share keys and values. */
  readonly variants: readonly VariantEfficiency[];
  /** Rows left out because no machine could have produced them. */
  readonly impossibleRows: number;
  readonly notes: readonly string[];
}

export interface CalibrateRequest {
  readonly id: string;
  readonly tables: readonly MeasurementTable[];
  /** The machine as its profile states it. */
  readonly stated: Hardware;
  /** The same with measured ceilings, which the fit is relative to; as stated where there are none. */
  readonly measured: Hardware;
  /** Copy bandwidth over read bandwidth, where it was measured. */
  readonly copyShare?: number | undefined;
  /** The software that ran whole steps. */
  readonly profile: ExecutionProfile;
  /** What the tables' names of machines and models mean; nothing unless given. */
  readonly profiles?: LabelledProfiles;
  /** What was measured, by whom: said of constants of engines. */
  readonly source?: string;
  /** Fits whose kernels stand in for those of serving engines, where no kernel is among the tables; none unless given. */
  readonly calibrations?: readonly Calibration[];
}

const mostFolds = 10;
/** Rows beyond which folds are fewer, so that a fit of a large table stays quick. */
const manyRows = 5000;
const foldsOfMany = 4;
const usualCopyShare = 0.8;
/** Of kernels that sharing K/V heads makes slower, the worst. */
const mostWarnings = 5;

/**
 * @throws InvalidInput for tables without a row, in another unit or of another machine, of which no family has enough rows, or
 *   whose formats the machine can't multiply
 */
export function calibrate(request: CalibrateRequest): CalibrationResult {
  const { stated, measured, profile } = request;
  const { tables, impossible } = fittableTables(request);
  const notes = impossible.map(({ table, rows }) => impossibleNote(table, rows));
  const families = familySamples(tables, measured);
  const machine = statedMachine(measured);
  const calibrations = families.flatMap((family): FamilyCalibration[] => {
    const fitted = calibrateFamily(family, machine);
    notes.push(...(typeof fitted === "string" ? [fitted] : familyDoubts(family)));
    return typeof fitted === "string" ? [] : [fitted];
  });
  const steps = stepSamples(tables);
  const kernels: Calibration = {
    id: request.id,
    hardware: stated.id,
    vendor: stated.vendor,
    engine: profile.id,
    ceilings: machine,
    stated: statedMachine(stated),
    kernels: calibrations.map(({ fitted }) => fitted),
  };
  const engines = fittedEngines(request, tables, calibrations.length > 0 ? [kernels] : (request.calibrations ?? []));
  notes.push(...engines.notes);
  if (calibrations.length === 0 && engines.engines.length === 0) {
    const wants = `no kernel to fit: ${notes.join("; ") || "only whole steps"}`;
    throw new InvalidInput("tables", tables.map(({ name }) => name).join(", "), wants);
  }
  const copyShare = request.copyShare ?? usualCopyShare;
  const stepFit =
    steps.length === 0 || calibrations.length === 0
      ? null
      : fitStepKernels(steps, measured, kernels, profile, copyShare);
  const calibration = {
    ...kernels,
    engine: calibrations.length > 0 ? profile.id : engines.engines[0]!.fitted.engine,
    kernels: stepFit === null ? kernels.kernels : [...kernels.kernels, stepFit.kernel],
    ...(engines.engines.length === 0 ? {} : { engines: engines.engines.map(({ fitted }) => fitted) }),
  };
  const models = new Set(steps.map(({ model }) => model));
  if (stepFit !== null && models.size === 1) {
    notes.push(`steps: of one model only (${[...models][0]}), so that no step was left out to see how far it holds`);
  }
  return {
    calibration,
    families: calibrations,
    engines: engines.engines,
    steps: stepFit,
    heldOutStepErrors:
      stepFit === null || stepFit.heldOut.length === 0
        ? null
        : errorStatistics(stepFit.heldOut.map((each) => ({ ...each, measuredSeconds: each.row.seconds }))),
    variants: variantEfficiencies(tables, measured, measured.memoryBandwidthBytesPerSecond),
    impossibleRows: impossible.reduce((sum, { rows }) => sum + rows, 0),
    notes: [...notes, ...slowerVariants(tables, measured).slice(0, mostWarnings).map(describeSlowerVariant)],
  };
}

/** Constants of the engines whose runs are among the tables; what could not be used is said. */
function fittedEngines(
  { measured, profiles = noProfiles, source = "whole runs" }: CalibrateRequest,
  tables: readonly MeasurementTable[],
  calibrations: readonly Calibration[],
): EngineCalibrations {
  if (tables.every(({ rows }) => rows.every(({ kind }) => kind !== "engine"))) return { engines: [], notes: [] };
  const runs = engineRunsOf(tables, measured, profiles, calibrations);
  const { engines, notes } = fitEngines(runs, source);
  const left = reasonNotes(runs.reasons).map((note) => note.replace("predicted", "fitted"));
  return { engines, notes: ["rows of whole engines fit constants of the engines, not kernels", ...notes, ...left] };
}

/**
 * The tables without the rows that no machine could have produced.
 * @throws InvalidInput for tables without a row, in another unit, of another machine, or of impossible rows alone
 */
function fittableTables({
  tables,
  stated,
  profiles = noProfiles,
}: CalibrateRequest): ReturnType<typeof possibleTables> {
  const names = tables.map(({ name }) => name).join(", ");
  if (tables.every(({ rows }) => rows.length === 0)) {
    const left = tables.reduce((sum, { leftOut }) => sum + leftOut, 0);
    throw new InvalidInput("tables", names, `no row to fit${left > 0 ? `: ${left} failed or were skipped` : ""}`);
  }
  refuseOtherMachines(tables, stated, profiles);
  refuseWrongUnits(tables, stated);
  const possible = possibleTables(tables, auditTables(tables, stated, { profiles }));
  if (possible.tables.some(({ rows }) => rows.length > 0)) return possible;
  throw new InvalidInput(
    "tables",
    names,
    "no machine could have produced any of the rows: `ridgepoint audit` says why",
  );
}

function impossibleNote(table: string, rows: number): string {
  const name = table.replace(/^.*[\\/]/, "");
  return `${name}: ${rows} ${rows === 1 ? "row" : "rows"} that no machine could have produced left out, \`ridgepoint audit\` lists them`;
}

/** The fit of a family, or why there is none. */
function calibrateFamily(family: FamilySamples, machine: KernelMachine): FamilyCalibration | string {
  const { kind, kernel, format, samples } = family;
  const name = `${kind}, ${kernel}, ${format}`;
  const form = kernelForms[kind] as KernelForm<KernelCall> | undefined;
  if (form === undefined) return `${name}: no kernel form, ${samples.length} rows not used`;
  const least = 2 * form.parameters.length;
  if (samples.length < least)
    return `${name}: ${samples.length} rows are too few for ${form.parameters.length} parameters, wants ${least}`;
  const options = { fixed: kernelStructure(kind, kernel) };
  const fit = fitForm(form, samples, machine, options);
  const groups = new Set(samples.map(({ group }) => group)).size;
  const folds = samples.length > manyRows ? foldsOfMany : mostFolds;
  const heldOut = groups > 1 ? crossValidate(form, samples, machine, folds, options) : [];
  const fittedRows = samples.map((sample) => fittedRow(form, fit.parameters, sample, machine));
  const residuals = heldOut.length === 0 ? fittedRows : heldOut.map(residualOf);
  const times = fittedRows.map(({ predictedSeconds }) => predictedSeconds);
  const fitted: FittedKernel = {
    ...{ kind, kernel, format, parameters: Array.from(fit.parameters) },
    spreads: errorSpreads(residuals),
    correlation: residualCorrelation(byWorkload(heldOut)),
    shortestSeconds: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    longestSeconds: times.reduce((a, b) => Math.max(a, b), 0),
  };
  return {
    ...{ fitted, rows: samples.length, groups, atBound: fit.atBound, heldOut },
    fittedErrors: errorStatistics(fittedRows),
    heldOutErrors: heldOut.length === 0 ? null : errorStatistics(withIntervals(heldOut)),
  };
}

function fittedRow(
  form: KernelForm<KernelCall>,
  parameters: Float64Array,
  { call, seconds }: KernelSample,
  machine: KernelMachine,
): Residual & { readonly interval: null } {
  const time = emptyKernelTime();
  form.time(parameters, call, machine, time);
  const predictedSeconds = time.seconds;
  return { predictedSeconds, measuredSeconds: seconds, regime: kernelRegime(time), fold: 0, interval: null };
}

function residualOf({ sample, predictedSeconds, regime, fold }: CrossValidated<KernelCall>): Residual {
  return { predictedSeconds, measuredSeconds: sample.seconds, regime, fold };
}

/** Each held-out row with the interval that the residuals of the other folds make. */
function withIntervals(heldOut: readonly CrossValidated<KernelCall>[]) {
  const residuals = heldOut.map(residualOf);
  return [...new Set(residuals.map(({ fold }) => fold))].flatMap((fold) => {
    const spreads = errorSpreads(residuals.filter((each) => each.fold !== fold));
    return residuals
      .filter((each) => each.fold === fold)
      .map((each) => ({ ...each, interval: intervalOf(spreads, each) }));
  });
}

function byWorkload(heldOut: readonly CrossValidated<KernelCall>[]): Map<string, number[]> {
  const classes = new Map<string, number[]>();
  for (const { sample, predictedSeconds } of heldOut) {
    const { workload } = sample as KernelSample;
    const own = classes.get(workload) ?? [];
    own.push(Math.log(sample.seconds / predictedSeconds));
    classes.set(workload, own);
  }
  return classes;
}
