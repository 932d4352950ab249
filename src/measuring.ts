/**
 * Measuring in a browser: the kernels on the visitor's GPU, how they are timed, the ceilings they show, and what the roofline says
 * of the same rows. The clock is handed in; `ridgepoint/node` measures processors as well.
 *
 * @example
 * const backend = webgpuBackend(findBrowserGpu);
 * const state = await backend.availability(); // { available: false, reason: "this browser has no WebGPU ..." }
 */
export type { Availability, KernelBackend, KernelWork, PreparedKernel } from "./kernels/kernel.ts";
export { type FindGpu, type FoundGpu, findBrowserGpu } from "./kernels/webgpu/found-gpu.ts";
export { webgpuBackend } from "./kernels/webgpu/webgpu-backend.ts";
export { type CeilingSettings, type Ceilings, ceilingPoints, measureCeilings } from "./measurement/ceilings.ts";
export { type Clock, clockOf } from "./measurement/clock.ts";
export { type GridRequest, gridRows, shuffledRows } from "./measurement/grid.ts";
export { machineLabel } from "./measurement/machine-description.ts";
export { isSoftwareAdapter } from "./measurement/machine-profile.ts";
export { type MeasureOutcome, type MeasureRequest, measureRows } from "./measurement/measure-rows.ts";
export { type RowResult, resultCells, tableColumns } from "./measurement/measured-cells.ts";
export type { GridRow, MeasuredShape } from "./measurement/measured-shape.ts";
export type { AttentionRow, LinearRow } from "./measurement/measurement-row.ts";
export { type MeasurementTable, readMeasurementTable } from "./measurement/measurement-table.ts";
export { type MountainLevel, mountainLevels } from "./measurement/memory-mountain.ts";
export { type RowPrediction, rowPredictor } from "./validation/predict-row.ts";
