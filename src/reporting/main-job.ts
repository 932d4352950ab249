/** The main job: one model under three attentions, on several machines, over batches and contexts. */
import { type ComparedStep, compareVariants } from "../analysis/compare-variants.ts";
import { applyAttention } from "../architecture/attention-variant.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { ReportCatalog } from "./report-catalog.ts";

export const mainJob = {
  model: "llama-2-7b",
  attentions: ["mha", "gqa:8", "mqa"],
  hardware: ["h100-sxm", "a100-80g-sxm", "mi300x", "rtx-4090"],
  batches: [1, 16, 64],
  contexts: [1024, 8192],
  /** The step whose operations are listed one by one. */
  step: { hardware: "h100-sxm", batch: 16, context: 2048 },
} as const;

export interface MainJobResult {
  readonly hardware: readonly Hardware[];
  /** In the order machine, batch, context, attention. */
  readonly rows: readonly ComparedStep[];
}

/** Counts and times the main job. */
export function runMainJob(catalog: ReportCatalog): MainJobResult {
  const base = catalog.model(mainJob.model);
  const hardware = mainJob.hardware.map((id) => catalog.hardware(id));
  const rows = compareVariants({
    variants: mainJob.attentions.map((attention) => ({ attention, model: applyAttention(base, attention) })),
    hardware,
    batches: mainJob.batches,
    contexts: mainJob.contexts,
  });
  return { hardware, rows };
}
