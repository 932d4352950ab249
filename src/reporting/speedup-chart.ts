/** Speed-up over a baseline: predictions as the cells of a heat map of batch and context. */
import { predictStep, type StepPrediction, stepPredictor } from "../analysis/predict-step.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { type SpeedupRow, speedupHeatmapChart } from "../charts/speedup-heatmap.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import {
  attentionName,
  type ChartSetup,
  type ChartVariant,
  calibratedSubtitle,
  modelTitle,
  seriesName,
  setupSubtitle,
} from "./chart-setup.ts";

/**
 * Panels for each variant and machine, against the first variant of the same model.
 * @throws InvalidInput where a model has one variant only
 */
export function speedupChart(setup: ChartSetup): ChartSpec {
  const models = [...new Set(setup.variants.map((variant) => variant.model.id))];
  const rows: SpeedupRow[] = [];
  let baseline = "";
  for (const id of models) {
    const [first, ...others] = setup.variants.filter((variant) => variant.model.id === id);
    if (first === undefined || others.length === 0) {
      throw new InvalidInput(
        "attention",
        setup.variants.length,
        "a speed-up wants at least two variants, the first to compare with",
      );
    }
    baseline = models.length > 1 ? first.attention.toUpperCase() : attentionName(first.model);
    for (const hardware of setup.hardware) {
      const base = grid(setup, first, hardware);
      for (const variant of others) {
        const own = grid(setup, variant, hardware);
        rows.push(...own.map((step, i) => cell(seriesName(setup, { variant, hardware }), step, base[i])));
      }
    }
  }
  return speedupHeatmapChart({
    title: `${modelTitle(setup)}: speed-up over ${baseline}`,
    subtitle: `${setupSubtitle(setup, "batch and context")}${calibratedSubtitle(setup)}`,
    baseline,
    rows,
  });
}

function grid(setup: ChartSetup, variant: ChartVariant, hardware: ChartSetup["hardware"][number]): StepPrediction[] {
  const predictor = stepPredictor(variant.model, hardware, setup.options);
  return setup.batches.flatMap((batch) =>
    setup.contexts.map((context) => predictStep(predictor, { ...setup.workload, batch, context })),
  );
}

function cell(series: string, own: StepPrediction, base: StepPrediction | undefined): SpeedupRow {
  const baseSeconds = base?.seconds ?? base?.secondsIfItFitted ?? null;
  const speedup = own.seconds === null || baseSeconds === null ? null : baseSeconds / own.seconds;
  return { series, batch: own.batch, context: own.context, speedup, fits: own.fits, baselineFits: base?.fits ?? false };
}
