/** Step time against context or batch: predictions as the rows of a line chart. */
import { predictStep, stepPredictor } from "../analysis/predict-step.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { timeByBatchChart } from "../charts/time-by-batch.ts";
import { timeByContextChart } from "../charts/time-by-context.ts";
import { type ChartSetup, calibratedSubtitle, modelTitle, seriesName, setupSubtitle } from "./chart-setup.ts";

/** A line for each variant, machine and batch, over the contexts. */
export function stepTimeByContext(setup: ChartSetup): ChartSpec {
  const rows = setup.variants.flatMap((variant) =>
    setup.hardware.flatMap((hardware) => {
      const predictor = stepPredictor(variant.model, hardware, setup.options);
      return setup.batches.flatMap((batch) =>
        setup.contexts.map((context) => ({
          series: seriesName(setup, { variant, hardware, batch }),
          context,
          ...timeOf(predictor, setup, batch, context),
        })),
      );
    }),
  );
  return timeByContextChart({
    title: `${modelTitle(setup)}: time of a step by context`,
    subtitle: `${setupSubtitle(setup, "context")}${calibratedSubtitle(setup)}`,
    rows,
  });
}

/** A line for each variant, machine and context, over the batches. */
export function stepTimeByBatch(setup: ChartSetup): ChartSpec {
  const rows = setup.variants.flatMap((variant) =>
    setup.hardware.flatMap((hardware) => {
      const predictor = stepPredictor(variant.model, hardware, setup.options);
      return setup.contexts.flatMap((context) =>
        setup.batches.map((batch) => ({
          series: seriesName(setup, { variant, hardware, context }),
          batch,
          ...timeOf(predictor, setup, batch, context),
        })),
      );
    }),
  );
  return timeByBatchChart({
    title: `${modelTitle(setup)}: time of a step by batch`,
    subtitle: `${setupSubtitle(setup, "batch")}${calibratedSubtitle(setup)}`,
    rows,
  });
}

function timeOf(
  predictor: ReturnType<typeof stepPredictor>,
  setup: ChartSetup,
  batch: number,
  context: number,
): { stepSeconds: number; fits: boolean } {
  const step = predictStep(predictor, { ...setup.workload, batch, context });
  return { stepSeconds: step.seconds ?? step.secondsIfItFitted ?? 0, fits: step.fits };
}
