/** Memory against capacity: footprints as the rows of a line chart, by context or by batch. */
import { predictStep, stepPredictor } from "../analysis/predict-step.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { memoryByContextChart } from "../charts/memory-by-context.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { type ChartSetup, modelTitle, seriesName, setupSubtitle } from "./chart-setup.ts";

/**
 * A line for each variant (and each batch, or each context where the chart is by batch), on one machine.
 * @throws InvalidInput for several machines, whose capacities differ
 */
export function memoryChart(setup: ChartSetup, by: "context" | "batch"): ChartSpec {
  const [hardware, ...others] = setup.hardware;
  if (hardware === undefined || others.length > 0) {
    throw new InvalidInput(
      "hardware",
      setup.hardware.map((each) => each.id).join(","),
      "a memory chart wants one machine",
    );
  }
  const lines = by === "context" ? setup.batches : setup.contexts;
  const positions = by === "context" ? setup.contexts : setup.batches;
  const rows = setup.variants.flatMap((variant) => {
    const predictor = stepPredictor(variant.model, hardware, setup.options);
    return lines.flatMap((line) =>
      positions.map((at) => {
        const [batch, context] = by === "context" ? [line, at] : [at, line];
        const { weightBytes, cacheBytes } = predictStep(predictor, { ...setup.workload, batch, context }).footprint;
        const series = seriesName(setup, { variant, ...(by === "context" ? { batch } : { context }) });
        return { series, at, weightBytes, cacheBytes };
      }),
    );
  });
  return memoryByContextChart({
    title: `${modelTitle(setup)}: memory against capacity`,
    subtitle: setupSubtitle(setup, by),
    by,
    capacityBytes: hardware.memoryCapacityBytes * (setup.options.memoryShare ?? 1),
    rows,
  });
}
