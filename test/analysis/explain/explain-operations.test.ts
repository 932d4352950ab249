import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateFormula } from "../../../src/analysis/explain/algebra.ts";
import { explainOperations } from "../../../src/analysis/explain/explain-operations.ts";
import type { StepSetup } from "../../../src/analysis/explain/step-parameters.ts";
import { symbolMeaning } from "../../../src/analysis/explain/symbol-meanings.ts";
import type { Model } from "../../../src/architecture/model.ts";
import { singleDevice } from "../../../src/architecture/shard.ts";
import { operationKinds } from "../../../src/operations/registry.ts";
import { countStep } from "../../../src/step/count-step.ts";
import { defaultStepOptions, type StepOptions } from "../../../src/step/step-options.ts";
import { planStep } from "../../../src/step/step-plan.ts";
import { anyModel } from "../../fixtures/arbitrary.ts";
import { modelProfile } from "../../fixtures/profiles.ts";

const setupOf = (model: Model, batch: number, context: number, options: Partial<StepOptions> = {}): StepSetup => ({
  model,
  options: { ...defaultStepOptions, ...options },
  workload: { batch, context },
});

/** Every form of every formula comes to its count, and the counts to the step's. @returns the kinds seen */
function expectEqualCounts(setup: StepSetup): string[] {
  const { operations, totals } = explainOperations(setup);
  const plan = planStep(setup.model, setup.options);
  const tape = countStep(plan, setup.workload);
  operations.forEach((operation, i) => {
    const counts = tape.counts[i]!;
    const scope = Object.fromEntries(operation.symbols.map(({ symbol, value }) => [symbol, value]));
    const byFigure = new Map<string, number>(operation.figures.map((each) => [each.figure, each.total]));
    const close = (actual: number, expected: number, what: string): void =>
      expect(Math.abs(actual - expected), `${operation.name} ${what}`).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
    close(byFigure.get("matmulFlops") ?? 0, counts.matmulFlops, "matmulFlops");
    close(byFigure.get("otherFlops") ?? 0, counts.flops - counts.matmulFlops, "otherFlops");
    for (const figure of ["weightBytes", "kvBytes", "activationBytes", "linkBytes"] as const) {
      close(byFigure.get(figure) ?? 0, counts[figure], figure);
    }
    for (const each of operation.figures) {
      close(evaluateFormula(each.withNumbers, {}), each.value, each.withNumbers);
      close(evaluateFormula(each.simplified, scope), each.value, each.simplified);
    }
  });
  for (const { figure, inBatch, inContext, total } of totals) {
    for (const text of [inBatch, inContext]) {
      const value = evaluateFormula(text, { B: setup.workload.batch, S: setup.workload.context });
      expect(Math.abs(value - total), `${figure} ${text}`).toBeLessThanOrEqual(1e-8 * total);
    }
  }
  return operations.map(({ kind }) => kind);
}

describe("explainOperations", () => {
  it("comes to the counts for every kind of operation", { timeout: 120_000 }, () => {
    const kinds = new Set([
      ...expectEqualCounts(setupOf(modelProfile("llama-2-7b"), 3, 777)),
      ...expectEqualCounts(setupOf(modelProfile("llama-2-7b"), 3, 777, { phase: "prefill", cacheUpdate: "concat" })),
      ...expectEqualCounts(setupOf(modelProfile("gpt-oss-20b"), 3, 777, { cacheUpdate: "concat" })),
      ...expectEqualCounts(setupOf(modelProfile("llama-4-scout"), 3, 9000)),
      ...expectEqualCounts(setupOf(modelProfile("deepseek-v3.2"), 3, 5000)),
      ...expectEqualCounts(setupOf(modelProfile("qwen3.5-35b-a3b"), 3, 777)),
      ...expectEqualCounts(setupOf(modelProfile("flan-t5-xl"), 3, 77)),
      ...expectEqualCounts(setupOf(modelProfile("flan-t5-xl"), 3, 77, { phase: "prefill" })),
      ...expectEqualCounts(
        setupOf(modelProfile("llama-2-7b"), 3, 777, { parallelism: { ...singleDevice, tensor: 4 } }),
      ),
    ]);
    expect([...kinds].sort()).toEqual(Object.keys(operationKinds).sort());
  });

  it("comes to the counts for random models", { timeout: 120_000 }, () => {
    const size = fc.integer({ min: 1, max: 2000 });
    const options = fc.constantFrom<Partial<StepOptions>>(
      {},
      { attentionKernel: "materialized" },
      { phase: "prefill" },
    );
    fc.assert(
      fc.property(anyModel, size, size, options, (model, batch, context, step) => {
        expectEqualCounts(setupOf(model, batch, context, step));
      }),
      { numRuns: 8 },
    );
  });

  it("shows a formula, its numbers and its simpler form", () => {
    const { operations, totals } = explainOperations(setupOf(modelProfile("llama-2-7b"), 8, 4096));
    const attention = operations.find(({ name }) => name === "attention")!;
    expect(attention.figures[0]).toEqual({
      figure: "matmulFlops",
      formula: "4 * B * Hq * (Q * S - Q * (Q - 1) / 2) * D",
      withNumbers: "4 * 8 * 32 * (1 * 4096 - 1 * (1 - 1) / 2) * 128",
      simplified: "4 * B * Hq * S * D",
      value: 536_870_912,
      total: 32 * 536_870_912,
    });
    expect(attention.symbols).toContainEqual({ symbol: "Hq", meaning: "query heads", value: 32 });
    expect(totals.find(({ figure }) => figure === "kvBytes")).toMatchObject({
      inBatch: `${4097 * 524_288} * B`,
      inContext: `${8 * 524_288} * S + ${8 * 524_288}`,
    });
  });

  it("has a meaning for each symbol, and says which has none", () => {
    expect(symbolMeaning("projection", "BW")).toBe("memory bandwidth in bytes a second");
    expect(() => symbolMeaning("projection", "zz")).toThrow("symbol zz of projection");
    expect(() => symbolMeaning("constructor", "name")).toThrow("symbol name");
  });
});
