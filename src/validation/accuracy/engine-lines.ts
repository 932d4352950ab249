/**
 * Lines of serving engines' runs that a fit of the engine's constants did not see, and of published runs on machines that it did
 * not see. Formulas of peers stand beside them where they say anything of a whole run; none of them knows prompts that interleave.
 */
import { stepPredictor } from "../../analysis/predict-step.ts";
import { singleDevice } from "../../architecture/shard.ts";
import { median } from "../../quantity/sample-statistics.ts";
import type { EngineId } from "../../timing/execution-profile.ts";
import type { EngineScore } from "../published-runs.ts";
import type { EngineScores, ScoredRun, ServingErrors, ServingMachine } from "../score-serving.ts";
import type { AccuracyLine } from "./accuracy-line.ts";
import type { SimpleErrors } from "./simple-formulas.ts";

const publishedTarget = { median: 12 };
const engineNames: Readonly<Partial<Record<EngineId, string>>> = {
  vllm: "vLLM",
  "trt-llm": "TensorRT-LLM",
  sglang: "SGLang",
};

/** Of each engine of which a part was fitted and another not: the time an output token takes, and that to the first one. */
export function servingLines(scores: readonly EngineScores[], machine: ServingMachine): AccuracyLine[] {
  return scores.flatMap(({ engine, split, fit, test, runs }): AccuracyLine[] => {
    if (fit === null || test === null) return [];
    const name = engineNames[engine] ?? engine;
    const tested = runs.filter(({ part }) => part === "test");
    const line = (
      errors: ServingErrors | null,
      rest: Pick<AccuracyLine, "name" | "target" | "simple">,
    ): AccuracyLine[] =>
      errors === null
        ? []
        : [{ section: "engines", split, part: false, errors, percentile90: errors.ninetiethPercentile, ...rest }];
    return [
      ...line(test.outputToken, {
        ...{ name: `${name}: an output token`, target: { median: 7, percentile90: 20 } },
        simple: outputTokenBySimple(tested, machine),
      }),
      ...line(test.firstToken, { name: `${name}: to the first token`, target: { median: 25 }, simple: null }),
    ];
  });
}

function outputTokenBySimple(runs: readonly ScoredRun[], machine: ServingMachine): SimpleErrors {
  const kernels = new Map<string, number>();
  const kernelsOf = ({ run: { model, tensorParallel } }: ScoredRun): number => {
    const key = `${model}|${tensorParallel}`;
    const step = { parallelism: { ...singleDevice, tensor: tensorParallel } };
    const known =
      kernels.get(key) ??
      stepPredictor(machine.model(model)!, machine.hardware, { step }).plan.operations.reduce(
        (sum, { instances }) => sum + instances,
        0,
      );
    kernels.set(key, known);
    return known;
  };
  const by = (predicted: (run: ScoredRun) => number): number =>
    median(
      runs.flatMap((each) => {
        const { outputTokenSeconds } = each.run;
        return outputTokenSeconds === null ? [] : [100 * Math.abs(predicted(each) / outputTokenSeconds - 1)];
      }),
    );
  return {
    roofline: by(({ rooflineSeconds }) => rooflineSeconds),
    "80 % + 3 µs": by((run) => run.rooflineSeconds / 0.8 + 3e-6 * kernelsOf(run)),
    "one affine fit": null,
  };
}

/** Of each engine of which a half was left out: both halves, then each. */
export function publishedLines(scores: readonly EngineScore[]): AccuracyLine[] {
  return scores.flatMap(({ engine, heldOut, percentile90, halves, peers }): AccuracyLine[] => {
    if (heldOut === null) return [];
    const by = engine.halvesBy === "machine" ? "machines" : "models";
    const same = { section: "published" as const };
    const simple = peers === null ? null : medians(peers);
    return [
      {
        ...{ ...same, name: engine.fit.name, target: {}, split: `constants fitted on the other half of the ${by}` },
        ...{ errors: heldOut, percentile90, simple, part: false },
      },
      ...halves.map(({ names, tested }) => ({
        ...{
          ...same,
          name: `${engine.fit.name}: ${names.join(", ")}`,
          target: publishedTarget,
          split: "the other half",
        },
        ...{ errors: tested, percentile90: null, simple: null, part: true },
      })),
    ];
  });
}

function medians(peers: NonNullable<EngineScore["peers"]>): SimpleErrors {
  return {
    roofline: peers.roofline.medianAbsolutePercentageError,
    "80 % + 3 µs": peers["80 % + 3 µs"].medianAbsolutePercentageError,
    "one affine fit": null,
  };
}
