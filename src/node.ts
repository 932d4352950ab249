/**
 * The library with what needs Node on top: built-in profiles by name, profiles and config.json files by path, charts as
 * pictures. Reading quantities with units ("3.35 TB/s") takes mathjs, so hardwareFromProfile stands here and not in the core.
 */
export { parseModelProfile } from "./architecture/model-profile-schema.ts";
export {
  builtinHardwareNamed,
  type HardwareFile,
  loadHardware,
  loadHardwareFile,
  readHardwareFile,
} from "./files/load-hardware.ts";
export { loadModel, loadModelFile, type ModelFile, readModelFile } from "./files/load-model.ts";
export { type ChartFormat, chartFormats, type RenderChartOptions, renderChart } from "./files/render-chart.ts";
export { WorkFailed } from "./files/work-failed.ts";
export { writeFileAtomically } from "./files/write-file-atomically.ts";
export { hardwareFromProfile } from "./hardware/hardware-profile.ts";
export { parseHardwareProfile } from "./hardware/hardware-profile-schema.ts";
export * from "./index.ts";
