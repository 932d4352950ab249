/** The report of one machine: what it reaches, how near predictions are to its clock, and the paper's point on real times. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import type { MachineDescription } from "../measurement/machine-description.ts";
import { measurementKinds, variantOfRow } from "../measurement/measurement-row.ts";
import {
  formatBandwidth,
  formatBytesBinary,
  formatFlopsPerSecond,
  formatSeconds,
} from "../quantity/format-quantity.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { ErrorStatistics } from "../validation/error-statistics.ts";
import type { HereValidation, TimedTwice } from "../validation/here.ts";
import type { ComparedRow } from "../validation/validate.ts";
import { machineSteps } from "./machine-steps.ts";
import { markdownTable, themedPicture } from "./markdown.ts";
import { signedPercent } from "./validation-page.ts";

export interface MachineReportInput {
  readonly here: HereValidation;
  readonly machine: MachineDescription;
  readonly backend: string;
  readonly threads: number;
  /** Bandwidth by working set. */
  readonly mountain: ChartSpec;
  /** Share of the processors' time that other programs used meanwhile, 0 to 1. */
  readonly otherPrograms: number;
  /** Rows of which no sample was undisturbed. */
  readonly disturbedRows: number;
}

export interface MachineReport {
  readonly text: string;
  /** By the name of their files. */
  readonly charts: ReadonlyMap<string, ChartSpec>;
}

export function machineReport(input: MachineReportInput): MachineReport {
  const { here, machine, backend, threads } = input;
  const charts = new Map<string, ChartSpec>();
  const subtitle = `${machine.processor}, ${backend}, ${threadsText(threads)}, ${machine.date}`;
  const steps = machineSteps(here, subtitle);
  for (const [name, spec] of steps.charts) charts.set(name, spec);
  for (const [part, both] of [
    ["steps", here.steps],
    ["kernels", here.kernels],
  ] as const) {
    for (const [name, spec] of errorCharts(part, both, subtitle)) charts.set(name, spec);
  }
  charts.set("mountain", input.mountain);
  const version = machine.version === null ? "" : ` ${machine.version}`;
  const caches = machine.caches
    .filter((cache) => cache.type !== "instruction")
    .map((cache) => `L${cache.level} ${formatBytesBinary(cache.bytes)}`);
  const text = `# One machine: ${machine.processor}

Written by \`ridgepoint validate --here\` on ${machine.date}; another machine, or another day, gives other figures.
${backend}, ${threadsText(threads)}; caches ${caches.join(", ") || "unknown"}; ${machine.operatingSystem}; Node ${machine.node} (V8 ${machine.v8}); ridgepoint${version}.
${conditions(input)}

## Verdict

${verdictTable(here)}
## Step time by context: MHA's grows most

Whole decode steps of three small models on random weights, all else equal but the number of K/V heads. Points are this
machine's clock; lines were predicted from its ceilings and from single kernels of other shapes. No step was fitted. MHA's
step grows by the bytes of its cache. MQA reads a fraction of them and multiplies as much: what its step still grows by is
arithmetic, of which a processor has little for its bandwidth.

${steps.charts.map(([name]) => themedPicture(name)).join("\n")}
${steps.table}
## Whole steps

${statisticsTable(here.steps)}
${["steps-predicted-against-measured", "steps-prediction-error"].map(themedPicture).join("\n")}
${rowsTable(here.steps.calibrated.compared)}
## Kernels that the fit did not see

${here.fitted.size} measured kernels were fitted, ${here.kernels.calibrated.compared.length} others, between them in size, predicted.

${statisticsTable(here.kernels)}
${["kernels-predicted-against-measured", "kernels-prediction-error"].map(themedPicture).join("\n")}
## Speed-up of MQA over MHA

${speedupTable(here)}
## The fit

t = start + ((bytes' time / e)^q + (FLOPs' time / c)^q)^(1/q), both times at the ceilings below. A dash is a parameter that the
rows do not determine: its usual value (the machine's start, all of a ceiling, a knee of 1.5) stands in.

${fitTable(here)}
## Ceilings

${themedPicture("mountain")}
${ceilingsTable(here)}
## Again

\`\`\`
ridgepoint validate --here
ridgepoint validate attention.csv linear.csv elementwise.csv steps.csv --hardware ./profile.json
ridgepoint audit attention.csv linear.csv elementwise.csv steps.csv --hardware ./profile.json
\`\`\`

The second compares the same rows with the plain roofline. Tables, [profile.json](profile.json), [fit.json](fit.json) and
[machine.json](machine.json) lie beside this page; the column \`part\` says which rows were fitted.
`;
  return { text, charts };
}

function conditions({ otherPrograms, disturbedRows, here }: MachineReportInput): string {
  const rows = here.fitted.size + here.kernels.calibrated.compared.length + here.steps.calibrated.compared.length;
  const disturbed = disturbedRows === 0 ? "" : ` ${disturbedRows} of ${rows} rows have no sample that was undisturbed.`;
  return `Other programs used ${(100 * otherPrograms).toFixed(0)} % of the processors meanwhile.${disturbed}`;
}

function verdictTable({ verdict }: HereValidation): string {
  const rows = verdict.map(({ claim, value, limit, passed }) => {
    return [claim, `${value.toFixed(1)} %`, `${limit} %`, passed ? "met" : "**missed**"];
  });
  return markdownTable(["", "Here:", "At most:", ""], rows);
}

/** Calibrated beside the plain roofline on the same ceilings. */
function statisticsTable({ calibrated, roofline }: TimedTwice): string {
  const cells = (name: string, s: ErrorStatistics): string[] => [
    name,
    String(s.rows),
    ...[s.medianAbsolutePercentageError, s.maxAbsolutePercentageError].map((each) => `${each.toFixed(1)} %`),
    signedPercent(s.bias),
    `${s.within10Percent.toFixed(0)} %`,
  ];
  const rows = measurementKinds.flatMap((kind) => {
    const [fitted, bound] = [calibrated.kinds[kind], roofline.kinds[kind]];
    if (fitted === undefined || bound === undefined) return [];
    return [cells(`${kind}, calibrated`, fitted), cells(`${kind}, roofline`, bound)];
  });
  return markdownTable(["", "Rows:", "Median error:", "Largest:", "Bias:", "Within 10 %:"], rows);
}

function errorCharts(part: "kernels" | "steps", both: TimedTwice, subtitle: string): [string, ChartSpec][] {
  const order = ["MHA", "GQA", "MQA", "linear", "elementwise"];
  const rows = both.calibrated.compared
    .map((each) => ({
      series: variantOfRow(each.row) ?? each.row.kind,
      label: describeRow(each.row),
      measuredSeconds: each.measuredSeconds,
      predictedSeconds: each.predictedSeconds,
    }))
    .sort((a, b) => order.indexOf(a.series) - order.indexOf(b.series));
  const what = part === "steps" ? "whole steps" : "kernels held out of the fit";
  return [
    [
      `${part}-predicted-against-measured`,
      predictedAgainstMeasuredChart({ title: `Predicted against measured: ${what}`, subtitle, rows }),
    ],
    [`${part}-prediction-error`, predictionErrorChart({ title: `Error of the prediction: ${what}`, subtitle, rows })],
  ];
}

function rowsTable(compared: readonly ComparedRow[]): string {
  const rows = compared.map((each) => [
    describeRow(each.row),
    formatSeconds(each.measuredSeconds),
    formatSeconds(each.predictedSeconds),
    signedPercent(each.errorPercent),
  ]);
  return markdownTable(["Step", "Measured:", "Predicted:", "Error:"], rows);
}

function speedupTable({ kernelSpeedups, stepSpeedups }: HereValidation): string {
  const rows = [...kernelSpeedups, ...stepSpeedups].map(({ row, measured, predicted, errorPercent }) => [
    describeRow(row),
    measured.toFixed(2),
    predicted.toFixed(2),
    signedPercent(errorPercent),
  ]);
  return markdownTable(["MHA of the pair", "Measured:", "Predicted:", "Error:"], rows);
}

function fitTable({ calibration }: HereValidation): string {
  const rows = calibration.families.map(({ family, fit, determined, residuals }) => {
    const shown = (parameter: (typeof determined)[number], text: string): string =>
      determined.includes(parameter) ? text : "–";
    return [
      family,
      String(residuals.rows),
      shown("startSeconds", formatSeconds(fit.startSeconds)),
      shown("bandwidthEfficiency", fit.bandwidthEfficiency.toFixed(2)),
      shown("computeEfficiency", fit.computeEfficiency.toFixed(2)),
      shown("kneeSharpness", fit.kneeSharpness.toFixed(1)),
      `${residuals.medianAbsolutePercentageError.toFixed(1)} %`,
    ];
  });
  return markdownTable(["Family", "Rows:", "Start:", "e:", "c:", "q:", "Median error of the fit:"], rows);
}

function ceilingsTable({ hardware }: HereValidation): string {
  const rows = [
    ...hardware.caches.flatMap(({ name, bytes, bandwidthBytesPerSecond: rate }) =>
      rate === null ? [] : [[`${name}, ${formatBytesBinary(bytes)}`, formatBandwidth(rate)]],
    ),
    ["memory, read between all other measurements", formatBandwidth(hardware.memoryBandwidthBytesPerSecond)],
    ...Object.entries(hardware.peakFlopsPerSecond).map(([format, peak]) => [
      `multiply-adds on ${format} operands`,
      formatFlopsPerSecond(peak),
    ]),
    ...(hardware.kernelStartSeconds === null
      ? []
      : [["from one kernel's start to the next", formatSeconds(hardware.kernelStartSeconds)]]),
  ];
  return markdownTable(["", "Ceiling:"], rows);
}

function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}
