/** Where fewer K/V heads begin to matter: the batch and the context from which on the speed-up over multi-head attention reaches a threshold. */
import type { Model } from "../architecture/model.ts";
import { formatRatio } from "../quantity/format-quantity.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { StepWorkload } from "../step/step-options.ts";
import type { Flips, Gap } from "./crossing.ts";
import { answered, type Scene, sceneOf, timeKinks } from "./crossover-questions.ts";
import type { Crossing, VariantMatters } from "./crossover-report.ts";
import { evaluateStep, type StepPredictor } from "./predict-step.ts";
import { type AxisName, stepAxis } from "./step-axis.ts";

export interface ComparedVariant {
  readonly attention: string;
  readonly threshold: number;
  /** Fewer K/V heads, and as many as query heads. */
  readonly few: StepPredictor;
  readonly many: StepPredictor;
}

/** @throws InvalidInput for a threshold that is below 1 or no number */
export function variantMatters(scene: Scene, variant: ComparedVariant): VariantMatters {
  const { threshold, few, many } = variant;
  if (!(threshold >= 1 && Number.isFinite(threshold))) {
    throw new InvalidInput("threshold", threshold, "wants a speed-up of 1 or more");
  }
  // Memory is that of the variant: it is the one that would run there.
  const ownScene = sceneOf(few, scene.workload);
  const speedupAt = (load: StepWorkload): number => evaluateStep(many, load).seconds / evaluateStep(few, load).seconds;
  const asymptotic = (name: AxisName): number => limitOfSpeedup(scene, variant, name);
  const asymptoticSpeedup = { batch: asymptotic("batch"), context: asymptotic("context") };
  const crossing = (name: AxisName): Crossing => {
    const axis = stepAxis(few.plan, scene.workload, name);
    const gap: Gap = (value) =>
      evaluateStep(many, axis.at(value)).seconds - threshold * evaluateStep(few, axis.at(value)).seconds;
    const [fewKinks, manyKinks] = [timeKinks(few, axis), timeKinks(many, stepAxis(many.plan, scene.workload, name))];
    const tends = `tends to ${formatRatio(asymptoticSpeedup[name])} as the ${name} grows`;
    const reason = ({ value, until }: Flips): string => {
      if (value === null) return `the speed-up is under ${threshold} throughout and ${tends}`;
      const back = until === null ? "" : ` and falls below ${threshold} again at ${name} ${until}`;
      return `the speed-up is ${formatRatio(speedupAt(axis.at(value)))} there${back}; it ${tends}`;
    };
    const kinks = fewKinks === null || manyKinks === null ? null : [...fewKinks, ...manyKinks];
    return answered(ownScene, { gap, kinks, axis, reason });
  };
  return {
    attention: variant.attention,
    threshold,
    speedup: speedupAt(scene.workload),
    asymptoticSpeedup,
    batch: crossing("batch"),
    context: crossing("context"),
  };
}

/** The ratio of how fast both times grow far out, where every operation has settled on its ceiling. */
function limitOfSpeedup(scene: Scene, { few, many }: ComparedVariant, name: AxisName): number {
  const axis = stepAxis(few.plan, scene.workload, name);
  const far = 2 ** 36;
  const [manyNear, fewNear] = [evaluateStep(many, axis.at(far)).seconds, evaluateStep(few, axis.at(far)).seconds];
  const [manyFar, fewFar] = [evaluateStep(many, axis.at(2 * far)).seconds, evaluateStep(few, axis.at(2 * far)).seconds];
  return fewFar > fewNear ? (manyFar - manyNear) / (fewFar - fewNear) : manyFar / fewFar;
}

/**
 * The K/V heads of the grouped variant, null inside where none divide the heads; null where no attention has heads to share.
 * @throws InvalidInput where the groups asked for don't divide the heads of every layer
 */
export function groupsOf(model: Model, asked: number | undefined): { readonly kvHeads: number | null } | null {
  const heads = [...model.decoder.kinds, ...(model.encoder?.kinds ?? [])].flatMap(({ attention }) =>
    attention.kind === "linear" ? [] : [attention.heads],
  );
  if (heads.length === 0) return null;
  const divides = (kvHeads: number): boolean => heads.every((each) => each % kvHeads === 0);
  if (asked !== undefined) {
    if (divides(asked)) return { kvHeads: asked };
    throw new InvalidInput("groups", asked, `must divide heads ${[...new Set(heads)].join(", ")}`);
  }
  const kvHeads = [8, 7, 6, 5, 4, 3, 2].find((each) => divides(each) && heads.some((all) => all > each));
  return { kvHeads: kvHeads ?? null };
}
