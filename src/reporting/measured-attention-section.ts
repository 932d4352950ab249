/**
 * What a roofline explains of attention variants and what it cannot, on a machine that was measured: whole steps with MHA and GQA,
 * single attention calls by their number of K/V heads, and what kernels reach of the read ceiling by variant.
 */
import { type AttentionRow, type StepRow, softwareOf, variantOfHeads } from "../measurement/measurement-row.ts";
import { median } from "../quantity/sample-statistics.ts";
import { chooseTiming } from "../timing/choose-timing.ts";
import { roofline } from "../timing/roofline.ts";
import { type PredictableRow, rowPredictor } from "../validation/predict-row.ts";
import {
  describeSlowerVariant,
  slowerVariants,
  type VariantEfficiency,
  variantEfficiencies,
} from "../validation/variant-efficiency.ts";
import { markdownTable, plainMarkdown } from "./markdown.ts";
import type { MeasuredMachine } from "./report-catalog.ts";

/** Calls that are shown: small ones, where starting decides, and large ones, where bytes do. */
const shownCalls: readonly (readonly [batch: number, context: number])[] = [
  [1, 512],
  [1, 8192],
  [1, 131072],
  [16, 1024],
  [16, 8192],
  [64, 4096],
];
const kernel = "triton";

interface Predicted {
  readonly roofline: number;
  readonly calibrated: number;
}

export function measuredAttentionSection(machine: MeasuredMachine): string {
  const predict = predictor(machine);
  const calls = attentionCalls(machine);
  return `What its paper measured on a TPU v2, an H100 shows with kernels of 2026 ([measurements/H100](../measurements/H100/README.md)): the same attention with
fewer K/V heads, and whole steps with 32 and with 8 of them. Roofline: the longer of bytes and FLOPs at the datasheet's rates. Calibrated: Ridgepoint's
fit of this machine, which saw these kernels (and none of the steps' matrices and attention inside them);
[the accuracy report](../reports/accuracy/README.md) has the errors on kernels that no fit saw.

### Single calls of attention, by K/V heads

32 query heads of 128, bf16, a Triton kernel that reads each key and value once for all heads that share it. Efficiency: K and V bytes over measured time, as a share of
the read ceiling (${(machine.measured.memoryBandwidthBytesPerSecond / 1e12).toFixed(2)} TB/s). Speed-up: over 32 K/V heads at the same batch and context.

${callTable(calls, machine, predict)}
${callFindings(calls, predict)}

### Whole steps

${stepTable(machine, predict)}
${stepFindings(machine, predict)}

### Fewer bytes, but not always faster

Median and best share of the read ceiling over all calls whose keys and values do not fit into the last-level cache:

${efficiencyTable(machine)}
${warnings(machine)}`;
}

type Predict = (row: PredictableRow, table: string) => Predicted;

function predictor({ stated, measured, calibrations }: MeasuredMachine): Predict {
  const byRoofline = rowPredictor(stated, roofline);
  const choice = { timing: "calibrated", engine: "pytorch-graph", calibrations } as const;
  const byFit = rowPredictor(measured, (hardware, run) => chooseTiming(hardware, choice, run));
  return (row, table) => ({ roofline: byRoofline(row, table).seconds, calibrated: byFit(row, table).seconds });
}

interface Call {
  readonly row: AttentionRow;
  readonly table: string;
}

function attentionCalls({ tables }: MeasuredMachine): Call[] {
  return tables.flatMap(({ name, rows }) =>
    rows.flatMap((row) =>
      row.kind === "attention" && row.queryTokens === 1 && softwareOf(row) === kernel ? [{ row, table: name }] : [],
    ),
  );
}

function callAt(calls: readonly Call[], batch: number, context: number, kvHeads: number): Call | undefined {
  return calls.find(({ row }) => row.batch === batch && row.context === context && row.kvHeads === kvHeads);
}

function kvHeadCounts(calls: readonly Call[]): number[] {
  return [...new Set(calls.map(({ row }) => row.kvHeads))].sort((a, b) => b - a);
}

function callTable(calls: readonly Call[], { measured }: MeasuredMachine, predict: Predict): string {
  const rows = shownCalls.flatMap(([batch, context]) => {
    const base = callAt(calls, batch, context, kvHeadCounts(calls)[0] ?? 0);
    const ofBase = base === undefined ? null : predict(base.row, base.table);
    return kvHeadCounts(calls).flatMap((kvHeads) => {
      const call = callAt(calls, batch, context, kvHeads);
      if (call === undefined) return [];
      const { row, table } = call;
      const predicted = predict(row, table);
      const isBase = call === base;
      const speedUp = (over: number | undefined, own: number): string =>
        over === undefined || isBase ? "" : `${(over / own).toFixed(1)} ×`;
      const efficiency = (row.statedKvBytes ?? kvBytesOf(row)) / (row.seconds * measured.memoryBandwidthBytesPerSecond);
      return [
        [
          isBase ? String(batch) : "",
          isBase ? context.toLocaleString("en-US") : "",
          `${kvHeads} (${variantOfHeads(row.heads, kvHeads)})`,
          microseconds(row.seconds),
          microseconds(predicted.roofline),
          microseconds(predicted.calibrated),
          speedUp(base?.row.seconds, row.seconds),
          speedUp(ofBase?.roofline, predicted.roofline),
          speedUp(ofBase?.calibrated, predicted.calibrated),
          share(efficiency),
        ],
      ];
    });
  });
  const speedUps = ["speed-up, measured:", "by roofline:", "by fit:"];
  const times = ["measured, µs:", "roofline, µs:", "calibrated, µs:"];
  return markdownTable(["batch:", "context:", "K/V heads:", ...times, ...speedUps, "efficiency:"], rows);
}

function kvBytesOf({ batch, kvHeads, headDim, context }: AttentionRow): number {
  return 4 * batch * kvHeads * headDim * context;
}

function callFindings(calls: readonly Call[], predict: Predict): string {
  const most = kvHeadCounts(calls)[0] ?? 0;
  const pairs = calls.flatMap((call) => {
    const { batch, context, kvHeads } = call.row;
    const base = kvHeads === 1 ? callAt(calls, batch, context, most) : undefined;
    if (base === undefined) return [];
    const [one, all] = [predict(call.row, call.table), predict(base.row, base.table)];
    const calibrated = all.calibrated / one.calibrated;
    return [{ measured: base.row.seconds / call.row.seconds, roofline: all.roofline / one.roofline, calibrated }];
  });
  if (pairs.length === 0) return "";
  const measured = pairs.map((pair) => pair.measured);
  const off = (by: "roofline" | "calibrated"): string =>
    `${(100 * median(pairs.map((pair) => Math.abs(pair[by] / pair.measured - 1)))).toFixed(0)} %`;
  return `Of ${pairs.length} pairs of batch and context with 32 K/V heads and with one, the one-head call was ${Math.min(...measured).toFixed(1)} to ${Math.max(...measured).toFixed(1)} times as fast (median ${median(measured).toFixed(1)}).
The roofline says ${Math.min(...pairs.map((pair) => pair.roofline)).toFixed(0)} to ${Math.max(...pairs.map((pair) => pair.roofline)).toFixed(0)} times: that is the ratio of the bytes, and it is off by ${off("roofline")} in the median; the fit by ${off("calibrated")}.
What the roofline explains is the limit of large calls. What it cannot: a call of one K/V head has a thirty-second of the bytes and the same launch, the
same split and combine of the context, and fewer blocks to hide a memory's latency with, so its time ends in microseconds that no byte causes.`;
}

interface Step {
  readonly row: StepRow;
  readonly table: string;
}

function stepsOf({ tables }: MeasuredMachine): Step[] {
  return tables.flatMap(({ name, rows }) =>
    rows.flatMap((row) => (row.kind === "steps" ? [{ row, table: name }] : [])),
  );
}

function stepTable(machine: MeasuredMachine, predict: Predict): string {
  const rows = stepsOf(machine).map(({ row, table }) => {
    const predicted = predict(row, table);
    const error = (by: keyof Predicted): string => `${signed(100 * (predicted[by] / row.seconds - 1))} %`;
    return [
      plainMarkdown(`${row.model ?? ""} (${variantName(row)})`),
      String(row.batch),
      row.context.toLocaleString("en-US"),
      milliseconds(row.seconds),
      milliseconds(predicted.roofline),
      error("roofline"),
      milliseconds(predicted.calibrated),
      error("calibrated"),
    ];
  });
  return markdownTable(
    ["model", "batch:", "context:", "measured, ms:", "roofline, ms:", "error:", "calibrated, ms:", "error:"],
    rows,
  );
}

function stepFindings(machine: MeasuredMachine, predict: Predict): string {
  const steps = stepsOf(machine);
  const errors = (by: keyof Predicted): number[] =>
    steps.map(({ row, table }) => 100 * (predict(row, table)[by] / row.seconds - 1));
  const size = (by: keyof Predicted): string => median(errors(by).map(Math.abs)).toFixed(1);
  return `The roofline is ${size("roofline")} % too fast in the median: it knows neither the shares of the ceilings that kernels reach nor the small kernels between them that start and
end in microseconds. With both counted the calibrated steps are ${size("calibrated")} % off. Grouped-query attention pays in a step only as far as keys and values are a part of its bytes:
both models' weights are read all the same.`;
}

function variantName({ heads, kvHeads }: StepRow): string {
  const variant = variantOfHeads(heads, kvHeads);
  return variant === "GQA" ? `GQA-${kvHeads}` : variant;
}

function efficiencyTable({ tables, measured }: MeasuredMachine): string {
  const found = variantEfficiencies(tables, measured, measured.memoryBandwidthBytesPerSecond);
  const kernels = [...new Set(found.map((each) => each.kernel))];
  const variants = [...new Set(found.map(({ variant }) => variant))];
  const cell = (each: VariantEfficiency | undefined): string =>
    each === undefined ? "" : `${share(each.medianEfficiency)} (${share(each.bestEfficiency)})`;
  return markdownTable(
    ["kernel", ...variants.map((variant) => `${variant}:`)],
    kernels.map((name) => [
      plainMarkdown(name ?? ""),
      ...variants.map((variant) => cell(found.find((each) => each.kernel === name && each.variant === variant))),
    ]),
  );
}

function warnings({ tables, measured }: MeasuredMachine): string {
  const slower = slowerVariants(tables, measured);
  const own =
    slower.length === 0
      ? "On this machine none of the three kernels is slower with fewer K/V heads."
      : slower.map((each) => `- ${plainMarkdown(describeSlowerVariant(each))}.`).join("\n");
  return `GQA-n: n query heads share a K/V head. ${own}

**Multi-query attention is not faster by itself.** A kernel has to read each key and value once for all query heads that share it, and to split one head's context over all
processors. Where one does neither, the single head may be the slowest: in aiconfigurator's table of TensorRT-LLM's attention on an H100 (\`torch_flow\`, 64 query heads) the
one-head kernel took about 4 times as long as the kernel of 8 heads that reads 8 times its bytes. \`ridgepoint calibrate\` and \`ridgepoint validate\` warn where tables show it.`;
}

function microseconds(seconds: number): string {
  const value = seconds * 1e6;
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

function milliseconds(seconds: number): string {
  return (seconds * 1e3).toFixed(2);
}

function share(value: number): string {
  return value < 0.095 ? `${(100 * value).toFixed(1)} %` : `${(100 * value).toFixed(0)} %`;
}

function signed(value: number): string {
  return value < 0 ? `−${(-value).toFixed(1)}` : `+${value.toFixed(1)}`;
}
