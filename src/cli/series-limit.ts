/** How many series a chart takes: more than a reader can tell apart by colour and shape are refused. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ChartSetup } from "../reporting/chart-setup.ts";

const mostSeries = 8;

/** What a series may stand for one of. */
export type SeriesAxis = "model" | "attention" | "hardware" | "batch" | "context";

const nouns: Readonly<Record<SeriesAxis, string>> = {
  model: "models",
  attention: "attention variants",
  hardware: "machines",
  batch: "batches",
  context: "contexts",
};

/**
 * @param axes those whose every combination is a series of its own; none where a chart names each mark in place
 * @throws InvalidInput with the number of series, where they come from and what to leave out
 */
export function refuseManySeries(axes: readonly SeriesAxis[], setup: ChartSetup): void {
  const attentions = new Set(setup.variants.map(({ attention }) => attention)).size;
  const sizes: Readonly<Record<SeriesAxis, number>> = {
    model: setup.variants.length / attentions,
    attention: attentions,
    hardware: setup.hardware.length,
    batch: setup.batches.length,
    context: setup.contexts.length,
  };
  const several = axes.filter((axis) => sizes[axis] > 1);
  const series = several.reduce((product, axis) => product * sizes[axis], 1);
  if (series <= mostSeries) return;
  const product = several.map((axis) => `${sizes[axis]} ${nouns[axis]}`).join(" x ");
  const options = several.map((axis) => `--${axis}`).join(" or ");
  throw new InvalidInput(
    "series",
    series,
    `${product}; a chart takes at most ${mostSeries}: leave out some of ${options}`,
  );
}
