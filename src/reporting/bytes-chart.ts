/** Bytes of a step by part: predictions as the rows of stacked bars, a group for each context. */
import { predictStep, stepPredictor } from "../analysis/predict-step.ts";
import { bytesByPartChart } from "../charts/bytes-by-part.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type ChartSetup, modelTitle, seriesName, setupSubtitle } from "./chart-setup.ts";

/** A bar for each variant and batch; bytes depend on the machine in nothing, so the first is taken. */
export function bytesChart(setup: ChartSetup): ChartSpec {
  const hardware = setup.hardware[0];
  if (hardware === undefined) throw new InvalidInput("hardware", "", "wants at least one");
  const rows = setup.contexts.flatMap((context) =>
    setup.variants.flatMap((variant) => {
      const predictor = stepPredictor(variant.model, hardware, setup.options);
      return setup.batches.map((batch) => {
        const { weightBytes, kvBytes, activationBytes } = predictStep(predictor, {
          ...setup.workload,
          batch,
          context,
        }).totals;
        return { series: seriesName(setup, { variant, batch }), context, weightBytes, kvBytes, activationBytes };
      });
    }),
  );
  return bytesByPartChart({
    title: `${modelTitle(setup)}: bytes that a step moves`,
    subtitle: setupSubtitle({ ...setup, hardware: [] }, "context"),
    rows,
  });
}
