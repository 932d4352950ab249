/** What a chart is drawn of: variants of models, machines, batches, contexts; and how its lines and subtitle are named. */
import type { PredictorOptions } from "../analysis/predict-step.ts";
import { describeAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import { tokensText } from "../charts/axis-units.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { defaultStepOptions, type StepWorkload } from "../step/step-options.ts";
import { engineName } from "./timing-words.ts";

/** A model under one attention, as applyAttention made it. */
export interface ChartVariant {
  /** "mha", "gqa:8", "as-is" … */
  readonly attention: string;
  readonly model: Model;
}

export interface ChartSetup {
  readonly variants: readonly ChartVariant[];
  readonly hardware: readonly Hardware[];
  readonly batches: readonly number[];
  readonly contexts: readonly number[];
  readonly options: PredictorOptions;
  /** Beams, query tokens and source context, the same everywhere. */
  readonly workload: Omit<StepWorkload, "batch" | "context">;
}

/** One line of a chart, where it stands for one of each. */
export interface SeriesPoint {
  readonly variant: ChartVariant;
  readonly hardware?: Hardware;
  readonly batch?: number;
  readonly context?: number;
}

/**
 * The name of a line: what differs between the lines.
 * @example one model as mha and mqa: "MHA 32", "MQA 32/1"; two models as they are: "Falcon 7B, MQA 71/1"; one model on two
 * machines: "H100 SXM5 80GB"
 */
export function seriesName(setup: ChartSetup, point: SeriesPoint): string {
  const names: string[] = [];
  const models = new Set(setup.variants.map((variant) => variant.model.id));
  if (models.size > 1) names.push(point.variant.model.name);
  if (setup.variants.length > 1) names.push(attentionName(point.variant.model));
  if (point.hardware !== undefined && setup.hardware.length > 1) names.push(point.hardware.name);
  if (point.batch !== undefined && setup.batches.length > 1) names.push(`batch ${point.batch}`);
  if (point.context !== undefined && setup.contexts.length > 1) names.push(`context ${tokensText(point.context)}`);
  return names.length > 0 ? names.join(", ") : attentionName(point.variant.model);
}

/** The attention in short, without windows. @example gpt-oss: "GQA 64/8" */
export function attentionName(model: Model): string {
  const parts = describeAttention(model).split(" + ");
  return [...new Set(parts.map((part) => part.replace(/ (window|chunk) \d+$/, "")))].join(" + ");
}

/** "Llama 2 7B" where all lines are of one model, else "several models". */
export function modelTitle(setup: ChartSetup): string {
  const names = [...new Set(setup.variants.map((variant) => variant.model.name))];
  return names.length <= 2 ? names.join(" and ") : `${names.length} models`;
}

/** What holds for the whole chart: the machine, the batch and context where they are one, formats, devices. */
export function setupSubtitle(
  setup: ChartSetup,
  leftOut: "batch" | "context" | "batch and context" | "nothing",
): string {
  const step = { ...defaultStepOptions, ...setup.options.step };
  const parts: string[] = [];
  const [only, ...others] = setup.variants;
  if (only !== undefined && others.length === 0) parts.push(describeAttention(only.model));
  if (setup.hardware.length === 1) parts.push(setup.hardware[0]?.name ?? "");
  const { tensor, pipeline, expert } = step.parallelism;
  if (tensor > 1) parts.push(`tensor parallel ${tensor}`);
  if (pipeline > 1) parts.push(`pipeline parallel ${pipeline}`);
  if (expert > 1) parts.push(`expert parallel ${expert}`);
  if (step.phase === "prefill") parts.push("prefill");
  if (!leftOut.includes("batch") && setup.batches.length === 1) parts.push(`batch ${setup.batches[0]}`);
  if (!leftOut.includes("context") && setup.contexts.length === 1)
    parts.push(`context ${tokensText(setup.contexts[0] ?? 0)}`);
  if ((setup.workload.queryTokens ?? 1) > 1) parts.push(`${setup.workload.queryTokens} new tokens`);
  if ((setup.workload.beams ?? 1) > 1) parts.push(`${setup.workload.beams} beams`);
  parts.push(`weights ${step.weights?.id ?? publishedFormats(setup)}`, `K/V ${step.kvCache.id}`);
  return parts.join(", ");
}

/**
 * What a chart of times says where they are calibrated, to follow the subtitle; nothing of a roofline.
 * @example ", calibrated: PyTorch with CUDA graphs, small kernels fused by torch.compile"
 */
export function calibratedSubtitle({ hardware, options: { timing } }: ChartSetup): string {
  const models = timing === undefined ? [] : typeof timing === "function" ? hardware.map(timing) : [timing];
  const engines = new Set(models.flatMap(({ engine }) => (engine === null ? [] : [engineName(engine)])));
  return engines.size === 0 ? "" : `, calibrated: ${[...engines].join("; ")}`;
}

function publishedFormats(setup: ChartSetup): string {
  const formats = new Set(
    setup.variants.map(({ model: { publishedWeights: published } }) =>
      published === null ? "bf16" : `${published.format}${published.expertsOnly ? " (experts)" : ""}`,
    ),
  );
  return formats.size === 1 ? [...formats].join("") : "as published";
}
