/** What must hold for any model: limits of the attention variants, monotony, sums. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { Model } from "../../src/architecture/model.ts";
import { countStep } from "../../src/step/count-step.ts";
import { defaultStepOptions, type StepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { anyHardware, anyModel, anySoftmax } from "../fixtures/arbitrary.ts";

const batches = fc.integer({ min: 1, max: 300 });
const contexts = fc.integer({ min: 1, max: 20_000 });
const options = fc.record({
  attentionKernel: fc.constantFrom("fused" as const, "materialized" as const),
  cacheUpdate: fc.constantFrom("in-place" as const, "concat" as const),
  touchedExperts: fc.constantFrom("expected" as const, "all" as const),
  phase: fc.constantFrom("decode" as const, "prefill" as const),
});

const totalsOf = (model: Model, batch: number, context: number, step: Partial<StepOptions> = {}) => ({
  ...countStep(planStep(model, { ...defaultStepOptions, ...step }), { batch, context }).totals,
});

describe("limits", () => {
  test("multi-query is grouped attention with one K/V head, and multi-head grouped with as many as heads", () => {
    fc.assert(
      fc.property(anyModel, anySoftmax, batches, contexts, (random, heads, batch, context) => {
        const kinds = random.decoder.kinds.map((kind) => ({ ...kind, attention: heads }));
        const model = { ...random, decoder: { ...random.decoder, kinds } };
        const as = (variant: string) => totalsOf(applyAttention(model, variant), batch, context);
        expect(as("mqa")).toEqual(as("gqa:1"));
        expect(as("mha")).toEqual(as(`gqa:${heads.heads}`));
      }),
      { numRuns: 60 },
    );
  });

  test("as-is changes nothing", () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        expect(applyAttention(model, "as-is")).toBe(model);
      }),
      { numRuns: 5 },
    );
  });
});

describe("monotony", () => {
  test("every figure grows, or stays, with batch, context and layers", () => {
    fc.assert(
      fc.property(anyModel, batches, contexts, options, (model, batch, context, step) => {
        const at = totalsOf(model, batch, context, step);
        const deeper: Model = {
          ...model,
          decoder: { ...model.decoder, order: [...model.decoder.order, ...model.decoder.order] },
        };
        for (const more of [
          totalsOf(model, batch + 1, context, step),
          totalsOf(model, batch, context + 1, step),
          totalsOf(deeper, batch, context, step),
        ]) {
          for (const figure of ["flops", "weightBytes", "kvBytes", "activationBytes"] as const) {
            // A chunk starts over, so that a longer context may read fewer rows.
            const chunked = model.decoder.kinds.some(
              (k) => k.attention.kind === "softmax" && k.attention.chunk !== null,
            );
            if (!chunked) expect(more[figure]).toBeGreaterThanOrEqual(at[figure]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("time never rises with bandwidth or peak, and never falls with batch", () => {
    fc.assert(
      fc.property(anyModel, anyHardware, batches, contexts, (model, hardware, batch, context) => {
        const seconds = (machine: typeof hardware, b: number): number => {
          const p = predictStep(stepPredictor(model, machine), { batch: b, context });
          return p.seconds ?? p.secondsIfItFitted ?? Number.NaN;
        };
        const now = seconds(hardware, batch);
        const wider = { ...hardware, memoryBandwidthBytesPerSecond: hardware.memoryBandwidthBytesPerSecond * 1.1 };
        const faster = { ...hardware, peakFlopsPerSecond: { bf16: (hardware.peakFlopsPerSecond.bf16 ?? 0) * 1.1 } };
        expect(seconds(wider, batch)).toBeLessThanOrEqual(now);
        expect(seconds(faster, batch)).toBeLessThanOrEqual(now);
        expect(seconds(hardware, batch + 1)).toBeGreaterThanOrEqual(now);
      }),
      { numRuns: 100 },
    );
  });
});

describe("sums", () => {
  test("operations add up to the totals, bytes to their parts, shares to one, and the lower bound is one", () => {
    fc.assert(
      fc.property(anyModel, anyHardware, batches, contexts, options, (model, hardware, batch, context, step) => {
        const p = predictStep(stepPredictor(model, hardware, { step }), { batch, context });
        const sum = (of: (o: (typeof p.operations)[number]) => number): number =>
          p.operations.reduce((total, operation) => total + of(operation), 0);
        const close = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.abs(b));
        close(
          sum((o) => o.flops),
          p.totals.flops,
        );
        close(
          sum((o) => o.matmulFlops),
          p.totals.matmulFlops,
        );
        close(
          sum((o) => o.bytes),
          p.totals.bytes,
        );
        close(
          sum((o) => o.weightBytes),
          p.totals.weightBytes,
        );
        close(
          sum((o) => o.kvBytes),
          p.totals.kvBytes,
        );
        close(
          sum((o) => o.activationBytes),
          p.totals.activationBytes,
        );
        close(p.totals.weightBytes + p.totals.kvBytes + p.totals.activationBytes, p.totals.bytes);
        const seconds = p.seconds ?? p.secondsIfItFitted ?? Number.NaN;
        close(
          sum((o) => o.seconds),
          seconds,
        );
        close(
          Object.values(p.shares).reduce((a, b) => a + b, 0),
          1,
        );
        expect(p.lowerBoundSeconds).toBeLessThanOrEqual(seconds * (1 + 1e-12));
        expect(p.footprint.bytes).toBe(p.footprint.weightBytes + p.footprint.cacheBytes);
        expect(p.fits).toBe(p.footprint.bytes <= p.capacityBytes);
      }),
      { numRuns: 100 },
    );
  });

  test("the largest batch fits and one more does not", () => {
    fc.assert(
      fc.property(anyModel, anyHardware, contexts, (model, hardware, context) => {
        const predictor = stepPredictor(model, hardware);
        const largest = predictStep(predictor, { batch: 1, context }).largestBatch;
        if (largest === null || largest > 1e9) return;
        if (largest > 0) expect(predictStep(predictor, { batch: largest, context }).fits).toBe(true);
        expect(predictStep(predictor, { batch: largest + 1, context }).fits).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
