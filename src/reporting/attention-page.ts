/** reports/mha-mqa-gqa.md: MHA against MQA and GQA on real models and machines. */
import { type ComparedStep, compareVariants } from "../analysis/compare-variants.ts";
import { applyAttention, describeAttention } from "../architecture/attention-variant.ts";
import { modelCacheElementsPerToken } from "../architecture/cache-row.ts";
import type { Model } from "../architecture/model.ts";
import { singleDevice } from "../architecture/shard.ts";
import { countParameters } from "../architecture/weights.ts";
import { formatBytes, formatCount, formatRatio, formatSeconds } from "../quantity/format-quantity.ts";
import { defaultStepOptions } from "../step/step-options.ts";
import { comparedStepsCsv } from "./compared-steps-csv.ts";
import { chartFigure, markdownTable } from "./markdown.ts";
import type { ReportCatalog } from "./report-catalog.ts";
import type { ReportChart, ReportPage } from "./report-page.ts";
import { attentionTitle, shortage } from "./step-cells.ts";

interface Subject {
  readonly model: string;
  /** The first is what the others are compared with. */
  readonly attentions: readonly string[];
  readonly hardware: readonly string[];
  readonly tensorParallel?: number;
}

const single = ["h100-sxm", "a100-80g-sxm", "mi300x"];

/** One of each kind that is served today, and the first multi-query models. */
const subjects: readonly Subject[] = [
  { model: "llama-2-7b", attentions: ["mha", "gqa:8", "mqa"], hardware: single },
  { model: "llama-3.1-8b", attentions: ["mha", "as-is", "mqa"], hardware: single },
  { model: "llama-3.1-70b", attentions: ["mha", "as-is", "mqa"], hardware: single, tensorParallel: 4 },
  { model: "falcon-7b", attentions: ["mha", "as-is"], hardware: single },
  { model: "starcoder-15.5b", attentions: ["mha", "gqa:8", "as-is"], hardware: single },
  { model: "gemma-3-27b", attentions: ["mha", "as-is", "mqa"], hardware: single },
  { model: "qwen3-30b-a3b", attentions: ["mha", "as-is", "mqa"], hardware: single },
  { model: "gpt-oss-120b", attentions: ["mha", "as-is", "mqa"], hardware: single },
  {
    model: "deepseek-v3",
    attentions: ["mha", "gqa:8", "mqa", "as-is"],
    hardware: ["h200", "mi300x"],
    tensorParallel: 8,
  },
];

const batches = [1, 32];
const contexts = [2048, 8192, 32768];

const charts = {
  cache: chart(
    "attention-bytes",
    "Bytes of a step by part for real models, at contexts of 2,048 and 32,768",
    ["chart", "bytes-by-part"],
    {
      model: "falcon-7b,llama-2-7b,llama-3.1-8b,starcoder-15.5b,gemma-3-27b,qwen3-30b-a3b",
      attention: "as-is",
      batch: "16",
      context: "2048,32768",
    },
  ),
  llama3: chart(
    "attention-llama-3.1-8b",
    "Llama 3.1 8B as MHA, GQA and MQA: step time by batch on an H100",
    ["chart", "time-by-batch"],
    {
      model: "llama-3.1-8b",
      attention: "mha,as-is,mqa",
      hardware: "h100-sxm",
      batch: "1..512*2",
      context: "8192",
      timing: "roofline",
    },
  ),
  machines: chart(
    "attention-machines",
    "Llama 3.1 8B on four machines: step time by context",
    ["chart", "time-by-context"],
    {
      model: "llama-3.1-8b",
      attention: "as-is",
      hardware: "h100-sxm,a100-80g-sxm,mi300x,rtx-4090",
      batch: "8",
      context: "512..131072*2",
      timing: "roofline",
    },
  ),
  deepseek: chart(
    "attention-deepseek-v3",
    "DeepSeek V3 as MLA, MHA, GQA-8 and MQA: step time by context on eight H200",
    ["chart", "time-by-context"],
    {
      model: "deepseek-v3",
      attention: "mha,gqa:8,mqa,as-is",
      hardware: "h200",
      "tensor-parallel": "8",
      batch: "64",
      context: "512..131072*2",
      timing: "roofline",
    },
  ),
  speedup: chart(
    "attention-speedup",
    "Speed-up of Llama 3.1 70B with GQA-8 and MQA over MHA on four H100",
    ["chart", "speedup-heatmap"],
    {
      model: "llama-3.1-70b",
      attention: "mha,as-is,mqa",
      hardware: "h100-sxm",
      "tensor-parallel": "4",
      batch: "1..256*4",
      context: "512..131072*4",
      timing: "roofline",
    },
  ),
};

export function attentionPage(catalog: ReportCatalog): ReportPage {
  const all: ComparedStep[] = [];
  const sections = subjects.map((subject) => {
    const rows = compared(catalog, subject);
    all.push(...rows);
    return section(catalog, subject, rows);
  });
  return {
    path: "mha-mqa-gqa.md",
    text: `# MHA against MQA and GQA on real models

One decode step on a roofline of datasheet figures ([what that leaves out](../docs/accuracy.md)), K/V in bf16, weights in
the format they are published in. Every model is counted with its own attention and as others; feed-forward networks stay
as they are. Where a step does not fit, no speed is given, but what it needs and has. All figures:
[data/attention.csv](data/attention.csv).

## What a token leaves in the cache

${cacheTable(catalog)}
Windows and chunks are not in this table: a layer with a window of w keeps w rows at most, which the times below count.

${chartFigure(charts.cache)}
## When it matters

At a small batch and a short context a step reads the weights and little else, and the attention hardly matters. It matters
once batch × context × bytes a token comes near the weights' bytes.

${chartFigure(charts.llama3)}
${chartFigure(charts.machines)}
${chartFigure(charts.speedup)}
With multi-query attention each device of a tensor-parallel group holds the one K/V head whole, so that its cache does not shrink
with the group; with eight K/V heads it does, down to one head a device. From there on both read the same.

${chartFigure(charts.deepseek)}
Latent attention (MLA) caches one row of 576 values a token and layer for all heads, whole on every device. Spread over eight
devices, eight K/V heads of 128 are one head, or 256 values a token, on each: as GQA-8 a device would read less, though all
devices together hold more. One K/V head in all, held whole by each device, is as many.

Fewer bytes are no promise: a kernel has to use them. Of one attention call on an H100 (64 query heads, batch 64, context 1,024,
bf16) NVIDIA's aiconfigurator publishes 336 µs with one K/V head and 85 µs with eight in TensorRT-LLM 1.2.0rc5, and 26 µs and
104 µs in vLLM 0.24. The roofline knows nothing of kernels.

## Model by model

A cell: the time of the step, and in brackets how many times as fast it is as the first column.

${sections.join("\n")}`,
    charts: Object.values(charts),
    tables: [{ name: "attention.csv", text: comparedStepsCsv(all) }],
  };
}

function compared(catalog: ReportCatalog, subject: Subject): ComparedStep[] {
  const base = catalog.model(subject.model);
  const parallelism = { ...singleDevice, tensor: subject.tensorParallel ?? 1 };
  return compareVariants({
    variants: subject.attentions.map((attention) => ({ attention, model: applyAttention(base, attention) })),
    hardware: subject.hardware.map((id) => catalog.hardware(id)),
    batches,
    contexts,
    options: { step: { ...defaultStepOptions, parallelism } },
  });
}

function section(catalog: ReportCatalog, subject: Subject, rows: readonly ComparedStep[]): string {
  const base = catalog.model(subject.model);
  const wide = subject.attentions.length;
  const lines: string[][] = [];
  for (let at = 0; at < rows.length; at += wide) {
    const group = rows.slice(at, at + wide);
    const [first] = group;
    if (first === undefined) continue;
    lines.push([
      catalog.hardware(first.hardware).name,
      String(first.batch),
      String(first.context),
      ...group.map(cell),
      group.map((row) => (row.largestBatch === null ? "any" : String(row.largestBatch))).join(" / "),
    ]);
  }
  const devices =
    subject.tensorParallel === undefined ? "one device" : `${subject.tensorParallel} devices, tensor parallel`;
  const titles = subject.attentions.map((attention) => `${columnTitle(base, attention)}:`);
  const format = base.publishedWeights?.format ?? "bf16";
  const weights =
    base.publishedWeights?.expertsOnly === true ? `experts in ${format}, the rest in bf16` : `weights in ${format}`;
  return `### ${base.name} (${describeAttention(base)}): ${devices}, ${weights}

${markdownTable(["machine", "batch:", "context:", ...titles, "largest batch:"], lines)}`;
}

function columnTitle(base: Model, attention: string): string {
  return attention === "as-is" ? `${describeAttention(base)} (its own)` : attentionTitle(attention);
}

function cell(row: ComparedStep): string {
  if (row.seconds === null) return shortage(row);
  return row.speedup === null || row.speedup === 1
    ? formatSeconds(row.seconds)
    : `${formatSeconds(row.seconds)} (${formatRatio(row.speedup)})`;
}

function cacheTable(catalog: ReportCatalog): string {
  const rows = subjects.map(({ model: id }) => {
    const model = catalog.model(id);
    const own = 2 * modelCacheElementsPerToken(model);
    const multiHead = 2 * modelCacheElementsPerToken(applyAttention(model, "mha"));
    return [
      model.name,
      describeAttention(model),
      formatCount(countParameters(model).total),
      formatBytes(own),
      formatBytes(multiHead),
      formatRatio(multiHead / own),
    ];
  });
  return markdownTable(["model", "attention", "parameters:", "K/V a token, bf16:", "as MHA:", "MHA is:"], rows);
}

function chart(name: string, alt: string, words: readonly string[], options: Record<string, string>): ReportChart {
  return { name, alt, command: { words, options } };
}
