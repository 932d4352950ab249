/** Computes every line of the accuracy report, part by part: a part's tables are read, fitted and let go before the next one's. */
import { join } from "node:path";
import { shippedCalibrations } from "../files/load-calibration.ts";
import { copyShareOf } from "../files/load-ceilings.ts";
import { builtinHardwareNamed } from "../files/load-hardware.ts";
import { loadMeasurementTables } from "../files/load-measurement-table.ts";
import { loadModel } from "../files/load-model.ts";
import { readTextFile } from "../files/read-text-file.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { withCeilings } from "../hardware/measured-ceilings.ts";
import type { AccuracyChartInput } from "../reporting/accuracy-charts.ts";
import { type ChosenEngine, chooseEngine } from "../serving/engine-choice.ts";
import { layerStartRatio } from "../serving/layer-starts.ts";
import type { Calibration } from "../timing/calibration.ts";
import { kernelTiming } from "../timing/choose-timing.ts";
import { executionProfiles } from "../timing/engines.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import { statedMachine } from "../timing/kernel-machine.ts";
import type { AccuracyLine } from "../validation/accuracy/accuracy-line.ts";
import {
  engineRowsOf,
  ownKernelSpecs,
  ownLinearSpec,
  ownTransferSpecs,
  type PeerTable,
  peerTables,
  stepTarget,
  transferSpecs,
  transferTables,
} from "../validation/accuracy/accuracy-specs.ts";
import { publishedLines, servingLines } from "../validation/accuracy/engine-lines.ts";
import { errorBySize } from "../validation/accuracy/error-by-size.ts";
import { type HeldOutLine, withSimpleErrors } from "../validation/accuracy/held-out-rows.ts";
import { kernelLines, stepLines } from "../validation/accuracy/kernel-lines.ts";
import { affineConstants, type SimpleConstants } from "../validation/accuracy/simple-formulas.ts";
import { transferLines } from "../validation/accuracy/transfer-lines.ts";
import { type CalibrationResult, calibrate } from "../validation/calibrate.ts";
import { engineRuns } from "../validation/engine-runs.ts";
import { fixedBatchPlans } from "../validation/plans/fixed-batch-plans.ts";
import { leastDevices } from "../validation/plans/least-devices.ts";
import { type PlanChecks, planChecks } from "../validation/plans/plan-checks.ts";
import { planLines } from "../validation/plans/plan-lines.ts";
import { plannedRuns } from "../validation/plans/planned-runs.ts";
import { traceFigures } from "../validation/plans/trace-figures.ts";
import { tracePlan } from "../validation/plans/trace-plans.ts";
import { readCeilings } from "../validation/published/run-ceilings.ts";
import { labelledRuns, type PublishedScores, scorePublishedRuns } from "../validation/published-runs.ts";
import { type ServingMachine, scoreServing } from "../validation/score-serving.ts";

export interface AccuracyFolders {
  /** This project's rows: attention.csv, linear.csv, steps.csv, ceilings.json. */
  readonly measured: string;
  /** Others' tables: peer-tables/ and published/. */
  readonly shared: string;
}

export interface AccuracyResult extends AccuracyChartInput {
  readonly published: PublishedScores;
  readonly plans: PlanChecks;
  readonly notes: readonly string[];
}

const ownTables = ["attention.csv", "linear.csv", "steps.csv"];
const publishedTables = ["rocm-vllm-docker.csv", "trtllm-0.5-0.9.csv", "local-llamacpp-gptfast-mlc.csv"];
const leftOutGroups = "a group left out";

/** Every file that the report needs. */
export function accuracyInputs({ measured, shared }: AccuracyFolders): string[] {
  return [
    ...[...ownTables, "ceilings.json"].map((name) => join(measured, name)),
    ...peerTables.map(({ path }) => join(shared, "peer-tables", "h100_sxm", path)),
    ...transferTables.map((path) => join(shared, "peer-tables", "a100_sxm", path)),
    join(shared, "peer-tables", "engine-runs.csv"),
    ...[...publishedTables, "bandwidth.csv", "traces.csv"].map((name) => join(shared, "published", name)),
  ];
}

/** Parts, for a progress bar. */
export const accuracyParts: number = 1 + peerTables.length + 5;

/**
 * @param onPart told after each part how many are done; what it returns is awaited, so that a progress bar has its turn
 * @throws InvalidInput for a table that can't be read
 */
export async function accuracyResult(
  folders: AccuracyFolders,
  onPart: (done: number) => Promise<void>,
): Promise<AccuracyResult> {
  let done = 0;
  const part = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = await work();
    done += 1;
    await onPart(done);
    return result;
  };
  const machines = await h100(folders.measured);
  const own = await part(() => ownLines(folders.measured, machines));
  const held: HeldOutLine[] = [];
  const overLinks: HeldOutLine[] = [];
  const calibrations: Calibration[] = [];
  const notes: string[] = [];
  for (const table of peerTables) {
    const peer = await part(() => peerLines(folders.shared, table, machines));
    (table.affine ? held : overLinks).push(...peer.lines);
    calibrations.push(peer.calibration);
    notes.push(...peer.notes);
  }
  const sizes = held
    .filter(({ target }) => target.median !== undefined)
    .map(({ name, rows }) => ({ name, errors: errorBySize(rows) }));
  const affine = affineConstants(held.flatMap(({ part: isPart, rows }) => (isPart ? [] : rows)));
  const tables = await part(async () => [...withSimpleErrors(held, true), ...withSimpleErrors(overLinks, false)]);
  const calibration = { ...calibrations[0]!, kernels: calibrations.flatMap(({ kernels }) => kernels) };
  const transfer = await part(() => a100Lines(folders, calibration, own.result.calibration, affine));
  const engines = await part(() => engineLines(folders.shared, machines, calibration));
  const published = await part(() => publishedScores(folders.shared, machines));
  const plans = await part(() => heldPlans(folders.shared, published));
  const ofEngines = [...engines, ...publishedLines(published.engines), ...planLines(plans)];
  const lines = [...own.lines, ...tables, ...transfer, ...ofEngines];
  return { lines, own: own.result, sizes, published, plans, notes: [...new Set(notes)] };
}

interface Machines {
  readonly stated: Hardware;
  readonly measured: Hardware;
}

async function h100(folder: string): Promise<Machines> {
  const stated = builtinHardwareNamed("h100-sxm");
  const ceilings = JSON.parse(await readTextFile(join(folder, "ceilings.json"), "ceilings"));
  return { stated, measured: withCeilings(stated, ceilings) };
}

async function ownLines(
  folder: string,
  { stated, measured }: Machines,
): Promise<{ lines: AccuracyLine[]; result: CalibrationResult }> {
  const tables = await loadMeasurementTables(ownTables.map((name) => join(folder, name)));
  const copyShare = await copyShareOf(join(folder, "ceilings.json"));
  const profile = executionProfiles["pytorch-graph"];
  const result = calibrate({ id: "h100-sxm", tables, stated, measured, copyShare, profile });
  const held = kernelLines("kernels", leftOutGroups, result, stated, ownKernelSpecs);
  const affine = affineConstants(held.flatMap(({ rows }) => rows));
  const steps = stepLines(result, stated, "whole steps of two 7 to 8 B models", stepTarget, affine);
  return { lines: [...steps, ...withSimpleErrors(held, true)], result };
}

async function peerLines(
  shared: string,
  { path, specs }: PeerTable,
  { stated, measured }: Machines,
): Promise<{ lines: HeldOutLine[]; calibration: Calibration; notes: readonly string[] }> {
  const tables = await loadMeasurementTables([join(shared, "peer-tables", "h100_sxm", path)]);
  const result = calibrate({ id: "h100-sxm-vllm", tables, stated, measured, profile: executionProfiles.vllm });
  const lines = kernelLines("tables", leftOutGroups, result, stated, specs);
  return { lines, calibration: result.calibration, notes: result.notes };
}

async function a100Lines(
  { shared }: AccuracyFolders,
  calibration: Calibration,
  own: Calibration,
  affine: SimpleConstants,
): Promise<AccuracyLine[]> {
  const tables = await loadMeasurementTables(
    transferTables.map((path) => join(shared, "peer-tables", "a100_sxm", path)),
  );
  const stated = builtinHardwareNamed("a100-80g-sxm");
  const bandwidth = join(shared, "published", "bandwidth.csv");
  const read = readCeilings(await readTextFile(bandwidth, "ceilings"), bandwidth).get(stated.id);
  const known = withCeilings(stated, { read_bytes_per_s: read });
  const common = { tables, stated, calibration, affine };
  const split = "fitted on the H100";
  const ofOwn = { ...common, calibration: own, split: "fitted on measurements/H100" };
  const result = calibrate({ id: stated.id, tables, stated, measured: known, profile: executionProfiles.vllm });
  const held = kernelLines("transfer", leftOutGroups, result, stated, ownTransferSpecs);
  return [
    ...transferLines({ ...common, split, known: stated, specs: transferSpecs("datasheet", 20, 15) }),
    ...transferLines({ ...common, split, known, specs: transferSpecs("read ceiling", 12, 10) }),
    ...transferLines({ ...ofOwn, known: stated, specs: [ownLinearSpec("datasheet", 15)] }),
    ...transferLines({ ...ofOwn, known, specs: [ownLinearSpec("read ceiling", 10)] }),
    ...withSimpleErrors(held, true),
  ];
}

async function engineLines(shared: string, { measured }: Machines, calibration: Calibration): Promise<AccuracyLine[]> {
  const tables = await loadMeasurementTables([join(shared, "peer-tables", "engine-runs.csv")]);
  const timing: ServingMachine["timing"] = (engine) => kernelTiming(measured, [calibration], engine);
  const layerRatio: ServingMachine["layerRatio"] = (model) => layerStartRatio(model, measured, [calibration], "vllm");
  const machine = { hardware: measured, timing, layerRatio, model: loadModel };
  return servingLines(scoreServing(engineRuns(engineRowsOf(tables)), machine), machine);
}

async function publishedScores(shared: string, { stated, measured }: Machines): Promise<PublishedScores> {
  const folder = join(shared, "published");
  const rows = labelledRuns(await loadMeasurementTables(publishedTables.map((name) => join(folder, name))));
  const bandwidth = join(folder, "bandwidth.csv");
  const ceilings = {
    reading: readCeilings(await readTextFile(bandwidth, "ceilings"), bandwidth),
    computing: [{ stated: statedMachine(stated), ceilings: statedMachine(measured) }],
  };
  return scorePublishedRuns(rows, { hardware: known(builtinHardwareNamed), model: known(loadModel) }, ceilings);
}

const tracedModel = "llama-3.1-8b";
const tracedObjectives = { ttftSeconds: 2, tpotSeconds: 0.05, endToEndSeconds: null, share: 0.95 };

/** With what ships, as a plan takes it. */
async function heldPlans(shared: string, published: PublishedScores): Promise<PlanChecks> {
  const hardware = builtinHardwareNamed("h100-sxm");
  const calibrations = shippedCalibrations();
  const engineOn = (on: Hardware, engine: EngineId | null): ChosenEngine =>
    chooseEngine(on, on, { timing: null, engine, calibrations });
  const tables = await loadMeasurementTables([join(shared, "peer-tables", "engine-runs.csv")]);
  const engine = (id: EngineId): ChosenEngine => engineOn(hardware, id);
  const runs = plannedRuns(engineRuns(engineRowsOf(tables)), { hardware, engine, model: known(loadModel) });
  const path = join(shared, "published", "traces.csv");
  const traces = traceFigures(await readTextFile(path, "traces"), path);
  const question = {
    ...{ model: loadModel(tracedModel), objectives: tracedObjectives },
    machine: { hardware, pricePerHour: hardware.pricePerHourUsd, ownedDevices: 0 },
    engineOn: (on: Hardware) => engineOn(on, null),
  };
  const all = published.engines.flatMap((each) => each.runs.map(({ run }) => run));
  const deployments = {
    fixedBatch: fixedBatchPlans(published, calibrations),
    leastDevices: leastDevices(all, calibrations),
  };
  return planChecks(
    runs,
    deployments,
    traces.map((each) => tracePlan(each, question)),
  );
}

/** Null instead of a throw for a name that isn't known, and each name looked up once. */
function known<Profile>(load: (id: string) => Profile): (id: string) => Profile | null {
  const found = new Map<string, Profile | null>();
  return (id) => {
    if (!found.has(id)) {
      try {
        found.set(id, load(id));
      } catch {
        found.set(id, null);
      }
    }
    return found.get(id) ?? null;
  };
}
