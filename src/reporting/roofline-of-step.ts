/** The operations of steps under a machine's roofline: predictions as its points. */
import { predictStep, stepPredictor } from "../analysis/predict-step.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { type RooflineCeiling, type RooflinePoint, rooflineChart } from "../charts/roofline.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { memoryLevels } from "../hardware/memory-levels.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import { stepMemory } from "../timing/step-memory.ts";
import { type ChartSetup, calibratedSubtitle, modelTitle, seriesName, setupSubtitle } from "./chart-setup.ts";

/**
 * A mark for each operation, a series for each variant, batch and context, on one machine.
 * A step that does not fit is drawn where it would stand and named as such.
 * @throws InvalidInput for several machines
 */
export function rooflineOfSteps(setup: ChartSetup): ChartSpec {
  const [hardware, ...others] = setup.hardware;
  if (hardware === undefined || others.length > 0) {
    throw new InvalidInput("hardware", setup.hardware.map((each) => each.id).join(","), "a roofline wants one machine");
  }
  const formats = new Set<string>();
  const cacheNames = new Set<string>();
  const points = setup.variants.flatMap((variant) => {
    const predictor = stepPredictor(variant.model, hardware, setup.options);
    for (const operation of predictor.plan.operations) formats.add(operation.computeFormat);
    const { activations } = stepMemory(hardware, predictor.plan);
    if (activations !== null) cacheNames.add(activations.name);
    return setup.batches.flatMap((batch) =>
      setup.contexts.flatMap((context): RooflinePoint[] => {
        const step = predictStep(predictor, { ...setup.workload, batch, context });
        cacheNames.add(step.memoryLevel);
        const name = seriesName(setup, { variant, batch, context });
        const series = step.fits ? name : `${name} (does not fit)`;
        const total = step.operations.reduce((sum, operation) => sum + operation.seconds, 0);
        return step.operations
          .filter((operation) => operation.bytes > 0)
          .map((operation) => ({
            series,
            operation: operation.name,
            intensity: operation.flops / operation.bytes,
            flopsPerSecond: operation.seconds > 0 ? operation.flops / operation.seconds : 0,
            share: operation.seconds / total,
          }));
      }),
    );
  });
  return rooflineChart({
    title: `${modelTitle(setup)} under the roofline of ${hardware.name}`,
    subtitle: `${setupSubtitle({ ...setup, hardware: [] }, "nothing")}${calibratedSubtitle(setup)}`,
    machine: {
      name: hardware.name,
      bandwidthBytesPerSecond: hardware.memoryBandwidthBytesPerSecond,
      caches: memoryLevels(hardware)
        .filter((level) => level.isCache && cacheNames.has(level.name))
        .map(({ name, bytesPerSecond }) => ({ name, bandwidthBytesPerSecond: bytesPerSecond })),
      ceilings: ceilingsOf(hardware, formats),
    },
    points,
  });
}

/** The ceilings that the steps multiply in; where none of them is the machine's own (16-bit widened), all it has. */
function ceilingsOf(hardware: Hardware, formats: ReadonlySet<string>): RooflineCeiling[] {
  const all = Object.entries(hardware.peakFlopsPerSecond).map(([format, flopsPerSecond]) => ({
    format,
    flopsPerSecond,
  }));
  const used = all.filter((each) => formats.has(each.format));
  return used.length > 0 ? used : all.filter((each) => each.format === "fp32");
}
