/** Whole steps of small models: what ran, operation after operation, equals what the step's plan counts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/architecture/model.ts";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { referenceDecoder } from "../../../src/kernels/reference/reference-decoder.ts";
import type { Counts } from "../../../src/operations/operation.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { countStep } from "../../../src/step/count-step.ts";
import { defaultStepOptions, type StepOptions, type StepWorkload } from "../../../src/step/step-options.ts";
import { planStep } from "../../../src/step/step-plan.ts";
import { allExperts, anyLatentModel, anySoftmaxModel, gqa, layerOf, linear, modelOf } from "./small-models.ts";

type Workload = Required<Pick<StepWorkload, "batch" | "context" | "queryTokens" | "beams">>;

const anyWorkload: fc.Arbitrary<Workload> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    earlier: fc.integer({ min: 0, max: 8 }),
    queryTokens: fc.integer({ min: 1, max: 3 }),
    beams: fc.constantFrom(1, 1, 2),
  })
  .map(({ earlier, ...rest }) => ({ ...rest, context: earlier + rest.queryTokens }));

const format = (...ids: string[]) => fc.constantFrom(...ids).map((id) => parseNumberFormat(id));
const anyOptions: fc.Arbitrary<StepOptions> = fc
  .record({
    phase: fc.constantFrom("decode" as const, "prefill" as const),
    weights: format("bf16", "fp32", "int8", "int4", "q8_0"),
    kvCache: format("bf16", "fp8"),
    activations: format("bf16", "fp32"),
    attentionKernel: fc.constantFrom("fused" as const, "fused" as const, "materialized" as const),
    latentKernel: fc.constantFrom("auto" as const, "expanded" as const, "absorbed" as const),
  })
  .map((given) => ({ ...defaultStepOptions, ...given }));

/** Runs one step over caches that hold random rows already, and counts that step alone. */
function executed(model: Model, options: StepOptions, w: Workload): { counts: Counts; asideFlops: number } {
  const p = countingProcessor();
  const beams = options.phase === "prefill" ? 1 : w.beams;
  const decoder = referenceDecoder(p, model, { seed: 1, batch: w.batch, beams, capacity: w.context, options });
  const random = seededRandom(2);
  decoder.fill(w.context - w.queryTokens, random);
  const tokens = Array.from({ length: w.batch * beams * w.queryTokens }, () => random.below(model.vocab));
  p.reset();
  decoder.step({ tokens, phase: options.phase });
  return { counts: p.counts(), asideFlops: p.workAside().flops };
}

const modelled = (model: Model, options: StepOptions, w: Workload): Counts =>
  countStep(planStep(model, options), w).totals;

describe("a whole step counts itself as countStep does, in FLOPs and bytes, to the last unit", () => {
  it("MHA, GQA and MQA, windows, chunks, gates, sinks, norms, biases, experts, parallel layers, tied tables", () => {
    fc.assert(
      fc.property(anySoftmaxModel, anyOptions, anyWorkload, (model, options, w) => {
        expect(executed(model, options, w).counts).toEqual(modelled(model, options, w));
      }),
      { numRuns: 200 },
    );
  });

  it("latent attention, absorbed and expanded", () => {
    fc.assert(
      fc.property(anyLatentModel, anyOptions, anyWorkload, (model, given, w) => {
        const expanded =
          given.latentKernel === "expanded" || (given.latentKernel === "auto" && given.phase === "prefill");
        // Absorbed and materialised reads each row's compressed part twice: held in latent-attention.test.ts.
        const options: StepOptions = { ...given, attentionKernel: expanded ? given.attentionKernel : "fused" };
        expect(executed(model, options, w).counts).toEqual(modelled(model, options, w));
      }),
      { numRuns: 100 },
    );
  });

  it("a cache concatenated and gathered for beams", () => {
    fc.assert(
      fc.property(anySoftmaxModel, anyWorkload, (given, w) => {
        const everything = (attention: Model["decoder"]["kinds"][number]["attention"]) =>
          attention.kind === "softmax" ? { ...attention, window: null, chunk: null } : attention;
        const kinds = given.decoder.kinds.map((kind) => ({ ...kind, attention: everything(kind.attention) }));
        const model = { ...given, decoder: { ...given.decoder, kinds } };
        const options: StepOptions = { ...defaultStepOptions, cacheUpdate: "concat" };
        expect(executed(model, options, w).counts).toEqual(modelled(model, options, w));
      }),
      { numRuns: 100 },
    );
  });

  it.each([3, 4, 5, 9])(
    "a window of 4 concatenated at context %i: the row that drops out is written no more, nor read",
    (context) => {
      const windowed = { ...gqa, window: 4 };
      const model = modelOf([layerOf(windowed)], [0, 0]);
      const options: StepOptions = { ...defaultStepOptions, cacheUpdate: "concat" };
      const w = { batch: 3, context, queryTokens: 1, beams: 1 };
      expect(executed(model, options, w).counts).toEqual(modelled(model, options, w));
    },
  );

  it("what is left out stays small: under 5 % of the FLOPs of a step of 512 wide", () => {
    const attention = { ...gqa, heads: 8, kvHeads: 2, headDim: 16, rotaryDim: 16 };
    const kinds = [layerOf(attention), layerOf(attention, { feedForward: allExperts })];
    const model = modelOf(kinds, [0, 1], { dModel: 512 });
    const { counts, asideFlops } = executed(model, defaultStepOptions, {
      batch: 2,
      context: 9,
      queryTokens: 1,
      beams: 1,
    });
    expect(asideFlops).toBeGreaterThan(0);
    expect(asideFlops / counts.flops).toBeLessThan(0.05);
  });

  it("linear attention beside softmax attention", () => {
    const model = modelOf([layerOf(linear), layerOf(gqa)], [0, 0, 1]);
    fc.assert(
      fc.property(anyWorkload, (given) => {
        const w = { ...given, beams: 1 };
        const counts = executed(model, defaultStepOptions, w).counts;
        expect(counts).toEqual(modelled(model, defaultStepOptions, w));
      }),
    );
  });
});
