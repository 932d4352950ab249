/** The chart that a command's options ask for; the report draws through the same function, so that its commands tell the truth. */
import type { Model } from "../architecture/model.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { loadModel, loadModelFile } from "../files/load-model.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ChartSetup, ChartVariant } from "../reporting/chart-setup.ts";
import { numberList, wordList } from "./list-option.ts";
import { oneOf } from "./number-option.ts";
import { refuseManySeries, type SeriesAxis } from "./series-limit.ts";
import {
  configOf,
  defaultModel,
  hardwareOf,
  machinesOf,
  predictorOptionsOf,
  type RawOptions,
  variantOf,
  weightsGiven,
  workloadOf,
} from "./step-settings.ts";

export const drawableKinds = [
  "time-by-context",
  "time-by-batch",
  "bytes-by-part",
  "speedup-heatmap",
  "memory",
  "roofline",
  "published-against-counted",
] as const;

export type DrawableKind = (typeof drawableKinds)[number];

/** Batches and contexts of a kind where the options don't give them. */
const defaults: Readonly<Record<DrawableKind, { readonly batch: string; readonly context: string }>> = {
  "time-by-context": { batch: "16", context: "512..131072*2" },
  "time-by-batch": { batch: "1..512*2", context: "4096" },
  "bytes-by-part": { batch: "16", context: "1024,4096,16384" },
  "speedup-heatmap": { batch: "1..256*4", context: "512..131072*4" },
  memory: { batch: "16", context: "512..131072*2" },
  roofline: { batch: "16", context: "4096" },
  "published-against-counted": { batch: "1", context: "1" },
};

/** @throws InvalidInput for options that don't go together */
export async function chartSpecOf(kind: DrawableKind, options: RawOptions): Promise<ChartSpec> {
  if (kind === "published-against-counted") return await publishedChart();
  const by = oneOf("by", options["by"] ?? "context", ["context", "batch"]);
  const swap = kind === "memory" && by === "batch" ? defaults["time-by-batch"] : defaults[kind];
  const setup = await chartSetupOf({
    ...options,
    batch: options["batch"] ?? swap.batch,
    context: options["context"] ?? swap.context,
  });
  refuseManySeries(seriesAxes(kind, by), setup);
  if (kind === "memory") return (await import("../reporting/memory-chart.ts")).memoryChart(setup, by);
  if (kind === "roofline") return (await import("../reporting/roofline-of-step.ts")).rooflineOfSteps(setup);
  if (kind === "bytes-by-part") return (await import("../reporting/bytes-chart.ts")).bytesChart(setup);
  if (kind === "speedup-heatmap") return (await import("../reporting/speedup-chart.ts")).speedupChart(setup);
  const times = await import("../reporting/step-time-chart.ts");
  return kind === "time-by-batch" ? times.stepTimeByBatch(setup) : times.stepTimeByContext(setup);
}

/** What each line, or each set of marks, stands for one of; bars and panels bear their names. */
function seriesAxes(kind: DrawableKind, by: "context" | "batch"): readonly SeriesAxis[] {
  if (kind === "time-by-context") return ["model", "attention", "hardware", "batch"];
  if (kind === "time-by-batch") return ["model", "attention", "hardware", "context"];
  if (kind === "memory") return ["model", "attention", by === "context" ? "batch" : "context"];
  return kind === "roofline" ? ["model", "attention", "batch", "context"] : [];
}

async function chartSetupOf(options: RawOptions): Promise<ChartSetup> {
  const hardware = await machinesOf(options);
  const settings = await predictorOptionsOf(options, hardware);
  const batches = numberList("batch", options["batch"]);
  const contexts = numberList("context", options["context"]);
  const { batch: _batch, context: _context, ...workload } = workloadOf(options, batches[0], contexts[0]);
  const attentions = wordList("attention", options["attention"] ?? "mha,gqa:8,mqa");
  const variants: ChartVariant[] = [];
  for (const base of await basesOf(options)) {
    for (const attention of attentions) variants.push({ attention, model: variantOf(base, options, attention) });
  }
  const points = variants.length * hardware.length * batches.length * contexts.length;
  if (points > 20_000) throw new InvalidInput("batch", `${points} steps in all`, "a chart takes at most 20,000");
  return { variants, hardware, batches, contexts, options: settings, workload };
}

async function basesOf(options: RawOptions): Promise<Model[]> {
  const config = configOf(options);
  if (config !== null) return [await loadModelFile(config, "--config", { weightsGiven: weightsGiven(options) })];
  return wordList("model", options["model"] ?? defaultModel).map((id) => loadModel(id));
}

async function publishedChart(): Promise<ChartSpec> {
  const [{ paperChart }, { paperModels }] = await Promise.all([
    import("../reporting/paper-chart.ts"),
    import("../reporting/report-catalog.ts"),
  ]);
  return paperChart(paperModels(loadModel), await hardwareOf("tpu-v2"));
}
