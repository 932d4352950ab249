import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeDerivative } from "../../src/analysis/explain/time-derivative.ts";
import { ceilingRates, operationCeilings } from "../../src/analysis/operation-ceilings.ts";
import { evaluateStep, predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { rooflineKinks, stepAxis } from "../../src/analysis/step-axis.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { withoutCaches } from "../../src/hardware/memory-levels.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { anyModel } from "../fixtures/arbitrary.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const model = modelProfile("smollm2-135m");
const endless = { bf16: 1e30, fp32: 1e30 };

/** Memory at 10 GB/s, an L2 of 1 MB at 100, an L3 of `l3Bytes` at 40, and arithmetic that takes no time. */
function machine(l3Bytes: number, basis: Hardware["basis"] = "datasheet"): Hardware {
  return {
    ...hardwareProfile("h100-sxm"),
    basis,
    memoryBandwidthBytesPerSecond: 10e9,
    peakFlopsPerSecond: endless,
    caches: [
      { name: "L2", bytes: 1e6, bandwidthBytesPerSecond: 100e9 },
      { name: "L3", bytes: l3Bytes, bandwidthBytesPerSecond: 40e9 },
    ],
  };
}

const workload = { batch: 1, context: 128 };
const moved = predictStep(stepPredictor(model, machine(1)), workload).totals;

describe("a step whose bytes fit into a cache", () => {
  it("comes at the cache's bandwidth where it holds all that the step moves, at memory's where one byte is too many", () => {
    const inside = predictStep(stepPredictor(model, machine(moved.bytes)), workload);
    expect(inside.memoryLevel).toBe("L3");
    expect(inside.seconds).toBeCloseTo(moved.bytes / 40e9, 12);
    expect(inside.lowerBoundSeconds).toBeCloseTo(moved.bytes / 40e9, 12);
    expect(inside.notes.at(-1)).toMatch(
      /^all that a step moves \((\d+ MB)\) fits into L3 \(\1\): timed at 40\.0 GB\/s instead of memory's 10\.0 GB\/s$/,
    );
    const outside = predictStep(stepPredictor(model, machine(moved.bytes - 1)), workload);
    expect(outside.memoryLevel).toBe("memory");
    expect(outside.seconds).toBeCloseTo(moved.bytes / 10e9, 12);
    expect(outside.notes).toEqual([]);
  });

  it("with pipeline stages is looked at a stage, each on a device of its own", () => {
    const parallelism = { tensor: 1, pipeline: 2, expert: 1 };
    const two = (bytes: number): string =>
      predictStep(stepPredictor(model, machine(bytes), { step: { parallelism } }), workload).memoryLevel;
    // Half of the layers, and on the last stage the LM head.
    const head = model.vocab * model.dModel * 2;
    const last = head + (moved.bytes - head) / 2;
    expect(two(last * 1.01)).toBe("L3");
    expect(two(last * 0.99)).toBe("memory");
  });

  it("with pipeline stages of unequal bytes is looked at the largest: the last one has the LM head", () => {
    const parallelism = { tensor: 1, pipeline: 2, expert: 1 };
    const head = { ...model, vocab: 1_000_000, tiedEmbeddings: false };
    const one = predictStep(stepPredictor(head, machine(1)), workload).totals.bytes;
    const headBytes = 1_000_000 * model.dModel * 2;
    const at = (bytes: number): string =>
      predictStep(stepPredictor(head, machine(bytes), { step: { parallelism } }), workload).memoryLevel;
    // Half of the layers and the head: far more than half of all.
    const last = headBytes + (one - headBytes) / 2;
    expect(last / one).toBeGreaterThan(0.8);
    expect(at(last * 1.02)).toBe("L3");
    expect(at(last * 0.98)).toBe("memory");
  });

  it("of a mixture needs room for all experts, not those that one token picks", () => {
    const mixture = modelProfile("mixtral-8x7b");
    const step = (bytes: number) => predictStep(stepPredictor(mixture, machine(bytes)), workload);
    const touched = step(1).totals.bytes;
    const all = predictStep(stepPredictor(mixture, machine(1), { step: { touchedExperts: "all" } }), workload).totals;
    expect(all.bytes / touched).toBeGreaterThan(3);
    expect(step(touched).memoryLevel).toBe("memory");
    expect(step(all.bytes - 1).memoryLevel).toBe("memory");
    const inside = step(all.bytes);
    expect(inside.memoryLevel).toBe("L3");
    // The time is still that of the bytes moved.
    expect(inside.secondsIfItFitted).toBeCloseTo(touched / 40e9, 9);
    expect(inside.notes.at(-1)).toMatch(/^all that a step moves, with all experts, \(93\.\d GB\) fits into L3/);
  });

  it("is what it is bound by at the cache's rate: arithmetic binds sooner", () => {
    const slow = { ...machine(1e12), peakFlopsPerSecond: { bf16: 30e9 } };
    const step = predictStep(stepPredictor(model, slow), workload);
    const plain = predictStep(stepPredictor(model, withoutCaches(slow)), workload);
    expect(plain.bound).toBe("weights");
    expect(step.bound).toBe("compute");
    expect(step.operations.find((o) => o.name === "feed-forward up")?.bound).toBe("compute");
  });

  it("of big models on shipped machines changes nothing", () => {
    const llama = modelProfile("llama-2-7b");
    const h100 = hardwareProfile("h100-sxm");
    const step = (hardware: Hardware) => predictStep(stepPredictor(llama, hardware), { batch: 8, context: 4096 });
    expect(step(h100)).toEqual(step(withoutCaches(h100)));
  });
});

describe("activations on a measured machine", () => {
  const measured = machine(1e6 + 1, "measured");

  it("come from the outermost cache where an operation's own fit there, the rest from memory", () => {
    const step = predictStep(stepPredictor(model, measured), workload);
    expect(step.memoryLevel).toBe("memory");
    const expected = (moved.weightBytes + moved.kvBytes) / 10e9 + moved.activationBytes / 40e9;
    expect(step.seconds).toBeCloseTo(expected, 12);
    expect(step.lowerBoundSeconds).toBeCloseTo(expected, 12);
  });

  it("come from memory where one instance's are larger than that cache", () => {
    const batch = 4096;
    const step = predictStep(stepPredictor(model, measured), { batch, context: 1 });
    const residual = step.operations.find((o) => o.name === "residual");
    expect((residual?.activationBytes ?? 0) / (residual?.count ?? 1)).toBeGreaterThan(measured.caches[1]?.bytes ?? 0);
    expect(residual?.seconds).toBeCloseTo((residual?.activationBytes ?? 0) / 10e9, 12);
  });

  it("of a datasheet's machine come from where the step's bytes come from", () => {
    const step = predictStep(stepPredictor(model, machine(1e6 + 1)), workload);
    expect(step.seconds).toBeCloseTo(moved.bytes / 10e9, 12);
  });
});

describe("caches in what is made of a step's time", () => {
  const anyMachine = fc.record({
    basis: fc.constantFrom("datasheet" as const, "measured" as const),
    l3: fc.double({ min: 1e5, max: 1e9, noNaN: true }),
    peak: fc.double({ min: 1e9, max: 1e13, noNaN: true }),
  });

  it("more batch or context never takes less time, and the lower bound stays one", () => {
    fc.assert(
      fc.property(anyModel, anyMachine, fc.nat(300), fc.nat(3000), (random, { basis, l3, peak }, batch, context) => {
        const hardware = { ...machine(Math.round(l3), basis), peakFlopsPerSecond: { bf16: peak, fp32: peak } };
        const predictor = stepPredictor(random, hardware);
        const at = (b: number, c: number): number => {
          const time = evaluateStep(predictor, { batch: b, context: c });
          expect(time.lowerBoundSeconds).toBeLessThanOrEqual(time.seconds * (1 + 1e-12));
          return time.seconds;
        };
        const base = at(batch + 1, context + 1);
        expect(at(batch + 2, context + 1)).toBeGreaterThanOrEqual(base * (1 - 1e-12));
        const chunked = random.decoder.kinds.some(({ attention: a }) => a.kind === "softmax" && a.chunk !== null);
        if (!chunked) expect(at(batch + 1, context + 2)).toBeGreaterThanOrEqual(base * (1 - 1e-12));
      }),
      { numRuns: 200 },
    );
  });

  it("the ceilings of operations are the times that the roofline takes the largest of", () => {
    for (const hardware of [machine(1e12), machine(1e6 + 1, "measured"), machine(1e12, "measured")]) {
      const predictor = stepPredictor(model, hardware);
      const ceilings = operationCeilings(predictor, workload);
      const time = evaluateStep(predictor, workload);
      const seconds = ceilings.map((each) => each.memorySeconds);
      seconds.forEach((each, i) => {
        expect(each).toBeCloseTo(time.operationSeconds[i] as number, 15);
      });
      expect(ceilingRates(predictor.plan, hardware).memory.activations?.name ?? null).toBe(
        hardware.basis === "measured" ? "L3" : null,
      );
      expect(rooflineKinks(predictor, stepAxis(predictor.plan, workload, "batch")).length).toBeGreaterThan(0);
    }
  });

  it("the derivative by context is that of the time, in a cache, beyond it, and with activations in one", () => {
    for (const hardware of [machine(1e12), machine(1e6 + 1, "measured"), machine(1e6 + 1)]) {
      const setup = { model, options: defaultStepOptions, workload };
      const predictor = stepPredictor(model, hardware);
      const at = (context: number): number => evaluateStep(predictor, { batch: 1, context }).seconds;
      const derivative = timeDerivative(setup, hardware, "context");
      expect(derivative.seconds).toBeCloseTo(at(128), 12);
      expect(derivative.right).toBeCloseTo(at(129) - at(128), 14);
      expect(derivative.memoryLevel).toBe(hardware.caches[1]?.bytes === 1e12 ? "L3" : "memory");
      const bandwidth = timeDerivative(setup, hardware, "bandwidth");
      expect(bandwidth.at).toBe(derivative.memoryLevel === "L3" ? 40e9 : 10e9);
      expect(bandwidth.elasticity).toBeCloseTo(-1, 9);
    }
  });
});
