/**
 * The library in a notebook: all of `ridgepoint/node` and `ridgepoint/drawing`, what shows charts and tables under a cell, and the questions
 * that `plan` and `validate --here` ask.
 *
 * @example
 * const machine = await loadHardware("h100-sxm");
 * await table([{ machine: machine.name, "bandwidth": formatBandwidth(machine.memoryBandwidthBytesPerSecond) }]);
 */
export {
  type PaperCell,
  type PaperColumn,
  paperColumns,
  paperExperiment,
} from "./analysis/paper-experiment.ts";
export {
  paperSetting,
  publishedLanguageQuality,
  publishedSpeeds,
  publishedTranslationQuality,
} from "./analysis/published-decoding-speed.ts";
export { type SensitivityReport, type SensitivityRequest, sensitivity } from "./analysis/sensitivity.ts";
export {
  type JudgedThisMachine,
  type JudgeThisMachineRequest,
  judgeThisMachine,
} from "./cli/judge-this-machine.ts";
export { type PlanSetup, planSetup } from "./cli/plan-setup.ts";
export * from "./drawing.ts";
export {
  display,
  type NotebookOutput,
  say,
  type TableCell,
  type TableRow,
  table,
} from "./files/notebook-display.ts";
export * from "./node.ts";
export { paperChart } from "./reporting/paper-chart.ts";
export { type PlanChartKind, type PlanDrawing, planChart, planChartKinds } from "./reporting/plan-chart.ts";
export { paperModels } from "./reporting/report-catalog.ts";
export { type SimulationDrawing, simulationChart } from "./reporting/simulation-chart.ts";
export { describeRow } from "./validation/describe-row.ts";
