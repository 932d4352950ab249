/** The report of one machine: what it reaches, how near predictions are to its clock, and the paper's point on real times. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import type { MachineDescription } from "../measurement/machine-description.ts";
import { measuredKinds, variantOfRow } from "../measurement/measurement-row.ts";
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
  /** Rows with too few calm samples. */
  readonly disturbedRows: number;
  readonly calmSamples: number;
  readonly takenSamples: number;
  /** The command line that this came of. */
  readonly command: string;
  /** What makes the ceilings doubtful. */
  readonly notes: readonly string[];
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
## Step time by context${steps.headline === null ? "" : `: ${steps.headline}`}

Whole decode steps of ${steps.charts.length} small models on random weights, all else equal but the number of K/V heads. Points are this
machine's clock; lines were predicted from its ceilings and from single kernels of other shapes. No step was fitted. MQA reads
a fraction of the bytes that MHA reads of its cache, and multiplies as much: what its step grows by is arithmetic, of which a
processor has little for its bandwidth.

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

t = start + ((bytes' time / e)^q + (FLOPs' time / c)^q)^(1/q), both times at the ceilings below, with one knee for all families:
q = ${here.calibration.commonKnee?.toFixed(1) ?? "–"}. A dash is a parameter that the rows do not determine: its usual value (the machine's start, all of a
ceiling) stands in. "Bound" is one that they would push further than it may go.

${fitTable(here)}
## Ceilings

${themedPicture("mountain")}
${ceilingsTable(here)}${notesText(input.notes)}
## Again

\`\`\`
${input.command}
ridgepoint validate attention.csv linear.csv elementwise.csv steps.csv --hardware ./profile.json
ridgepoint audit attention.csv linear.csv elementwise.csv steps.csv --hardware ./profile.json
\`\`\`

The second compares the same rows with the plain roofline. Tables, [profile.json](profile.json), [fit.json](fit.json) and
[machine.json](machine.json) lie beside this page; the column \`part\` says which rows were fitted.
`;
  return { text, charts };
}

function conditions({ otherPrograms, disturbedRows, calmSamples, takenSamples, here }: MachineReportInput): string {
  const rows = here.fitted.size + here.kernels.calibrated.compared.length + here.steps.calibrated.compared.length;
  const few = disturbedRows === 0 ? "" : ` ${disturbedRows} of ${rows} rows have fewer than six of them.`;
  const calm = `${calmSamples} of ${takenSamples} samples were calm, and count.${few}`;
  return `Other programs used ${(100 * otherPrograms).toFixed(0)} % of the processors meanwhile. ${calm}`;
}

function verdictTable({ verdict }: HereValidation): string {
  const rows = verdict.map(({ claim, value, largest, limit, passed }) => {
    if (value === null) return [claim, "–", `${limit} %`, "", "not judged"];
    const most = largest === null ? "" : `${largest.toFixed(1)} %`;
    return [claim, `${value.toFixed(1)} %`, `${limit} %`, most, passed === true ? "met" : "**missed**"];
  });
  return markdownTable(["", "Here:", "At most:", "Largest, without a limit:", ""], rows);
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
  const rows = measuredKinds.flatMap((kind) => {
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
  const rows = calibration.families.map(({ family, fit, determined, atBound, residuals }) => {
    const shown = (parameter: (typeof determined)[number], text: string): string => {
      if (atBound.includes(parameter)) return `${text}, bound`;
      return determined.includes(parameter) ? text : "–";
    };
    return [
      fit.multiplies === undefined ? family : `${family}, multiplied in ${fit.multiplies}`,
      String(residuals.rows),
      shown("startSeconds", formatSeconds(fit.startSeconds)),
      shown("bandwidthEfficiency", fit.bandwidthEfficiency.toFixed(2)),
      shown("computeEfficiency", fit.computeEfficiency.toFixed(2)),
      `${residuals.medianAbsolutePercentageError.toFixed(1)} %`,
    ];
  });
  return markdownTable(["Family", "Rows:", "Start:", "e:", "c:", "Median error of the fit:"], rows);
}

function ceilingsTable({ hardware }: HereValidation): string {
  const rows = [
    ...hardware.caches.flatMap(({ name, bytes, bandwidthBytesPerSecond: rate }) =>
      rate === null ? [] : [[`${name}, ${formatBytesBinary(bytes)}`, formatBandwidth(rate)]],
    ),
    ["memory, plain reads between all other measurements", formatBandwidth(hardware.memoryBandwidthBytesPerSecond)],
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

function notesText(notes: readonly string[]): string {
  return notes.length === 0 ? "" : `\n${notes.map((note) => `- ${note}`).join("\n")}\n`;
}

function threadsText(threads: number): string {
  return `${threads} thread${threads === 1 ? "" : "s"}`;
}
