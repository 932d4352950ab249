/**
 * The library with what needs Node on top: built-in profiles by name, profiles and config.json files by path, charts as
 * pictures, measured tables, kernels timed on this machine. What takes mathjs stands here and not in the core: quantities with units ("3.35 TB/s"), and
 * formulas explained and differentiated.
 */
export { explainOperations } from "./analysis/explain/explain-operations.ts";
export { memoryRatios } from "./analysis/explain/memory-ratio.ts";
export { timeDerivative } from "./analysis/explain/time-derivative.ts";
export { parseModelProfile } from "./architecture/model-profile-schema.ts";
export { describeMachine } from "./files/describe-machine.ts";
export { labelledProfiles } from "./files/labelled-profiles.ts";
export { loadFitFile, shippedCalibrations } from "./files/load-calibration.ts";
export {
  builtinHardwareNamed,
  type HardwareFile,
  loadHardware,
  loadHardwareFile,
  readHardwareFile,
} from "./files/load-hardware.ts";
export { loadMeasurementTables } from "./files/load-measurement-table.ts";
export { loadModel, loadModelFile, type ModelFile, readModelFile } from "./files/load-model.ts";
export { loadPlanFile } from "./files/load-plan-file.ts";
export { loadTrace } from "./files/load-trace.ts";
export { type ChartFormat, chartFormats, type RenderChartOptions, renderChart } from "./files/render-chart.ts";
export { systemClock } from "./files/system-clock.ts";
export { WorkFailed } from "./files/work-failed.ts";
export { writeFileAtomically } from "./files/write-file-atomically.ts";
export { hardwareFromProfile } from "./hardware/hardware-profile.ts";
export { parseHardwareProfile } from "./hardware/hardware-profile-schema.ts";
export * from "./index.ts";

export type { KernelBackend, KernelWork, PreparedKernel } from "./kernels/kernel.ts";
export { referenceBackend } from "./kernels/reference/reference-backend.ts";
export { spawnNodeThread } from "./kernels/wasm/spawn-thread-node.ts";
export { wasmBackend } from "./kernels/wasm/wasm-backend.ts";
export { type CeilingSettings, type Ceilings, measureCeilings } from "./measurement/ceilings.ts";
export { type GridRequest, gridRows, shuffledRows } from "./measurement/grid.ts";
export { lastCacheBytes, type MachineDescription } from "./measurement/machine-description.ts";
export { machineProfile } from "./measurement/machine-profile.ts";
export { type MeasureOutcome, type MeasureRequest, measureRows } from "./measurement/measure-rows.ts";
export type { GridRow, MeasuredShape } from "./measurement/measured-shape.ts";
export { type MountainLevel, mountainLevels } from "./measurement/memory-mountain.ts";
export { type KernelTime as MeasuredKernelTime, type TimingSettings, timeKernel } from "./measurement/time-kernel.ts";
export { layOverPlanFile } from "./planning/plan-file.ts";
export { planRequestOf } from "./planning/plan-request-of.ts";
export { parsePlanFile } from "./planning/plan-request-schema.ts";
export * from "./planning.ts";
export type { LoadedTrace } from "./serving/trace-builder.ts";
export { type Audit, auditTables, possibleTables } from "./validation/audit.ts";
export { type CalibrateRequest, type CalibrationResult, calibrate } from "./validation/calibrate.ts";
export { type Validation, validateTables } from "./validation/validate.ts";
