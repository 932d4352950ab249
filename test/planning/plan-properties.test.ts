/** What holds of plans whatever is asked: more load, longer objectives, quicker machines, smaller caches, more to choose from. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaledHardware } from "../../src/analysis/scaled-step.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { byCost, type Candidate, fleetText } from "../../src/planning/candidate.ts";
import { candidateRow } from "../../src/planning/candidate-row.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { sharedLoad } from "../../src/planning/replica-load.ts";
import { replicasOn, searchFleets } from "../../src/planning/search.ts";
import {
  format,
  planMachine,
  planQuestion,
  rooflineTiming,
  shippedTiming,
  workload,
} from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const models = [
  ...["llama-3.1-8b", "llama-3.1-70b", "qwen3-32b", "mixtral-8x7b"],
  ...["deepseek-v2-lite", "gemma-3-12b", "llama-2-7b"],
];
const softmaxModels = ["llama-3.1-8b", "llama-3.1-70b", "llama-2-7b", "phi-3-medium"];
const machines = ["h100-sxm", "h200", "l40s", "l4", "mi300x", "a100-80g-sxm", "rtx-4090"];

/** Evenly over powers of ten. */
const decades = (from: number, to: number): fc.Arbitrary<number> =>
  fc.double({ min: from, max: to, noNaN: true, noDefaultInfinity: true }).map((exponent) => 10 ** exponent);

const objective = (from: number, to: number): fc.Arbitrary<number | null> =>
  fc.option(decades(from, to), { nil: null });

function anyQuestion(of: Partial<{ models: readonly string[]; loads: "rate" | "users"; shortest: number }> = {}) {
  return fc
    .record({
      model: fc.constantFrom(...(of.models ?? models)),
      machine: fc.constantFrom(...machines),
      kind: of.loads === undefined ? fc.constantFrom("rate" as const, "users" as const) : fc.constant(of.loads),
      rate: decades(-1.5, 2),
      inputTokens: decades(1, 3.5).map(Math.round),
      // A single further token is one gap between two tokens, in which all the prompts of a moment may lie.
      outputTokens: decades(Math.log10(of.shortest ?? 30), 3).map(Math.ceil),
      ttftSeconds: objective(-1.3, 1),
      tpotSeconds: objective(-2, -0.5),
      endToEndSeconds: objective(0, 2),
      share: fc.constantFrom(0.5, 0.9, 0.95, 0.99),
      separate: fc.constantFrom("never" as const, "auto" as const, "always" as const),
      roofline: fc.boolean(),
      formats: fc.boolean(),
      devices: fc.constantFrom(1, 2, 4),
    })
    .map((picked): PlanQuestion => {
      const { kind, rate, ttftSeconds, tpotSeconds, endToEndSeconds, share } = picked;
      return planQuestion({
        model: modelProfile(picked.model),
        machines: [planMachine(picked.machine)],
        load: { kind, amount: kind === "rate" ? rate : Math.max(1, Math.round(10 * rate)) },
        workload: workload(picked.inputTokens, picked.outputTokens),
        objectives: { ttftSeconds, tpotSeconds, endToEndSeconds, share },
        kvCaches: picked.formats ? [null, format("fp8")] : [null],
        separatePrefill: kind === "users" ? "never" : picked.separate,
        timing: picked.roofline ? rooflineTiming : shippedTiming,
        limits: { devices: picked.devices, utilization: kind === "users" ? 1 : 0.9 },
      });
    });
}

function best(question: PlanQuestion): Candidate | null {
  return searchFleets(question, false).candidates[0] ?? null;
}

/** Infinite where no fleet holds. */
function devices(question: PlanQuestion): number {
  return best(question)?.devices ?? Number.POSITIVE_INFINITY;
}

function cost(question: PlanQuestion): number {
  return best(question)?.costPerHour ?? Number.POSITIVE_INFINITY;
}

/** Capacities are bisected to a thousandth: another machine's may be so much smaller, and a fleet of n a replica larger where n is rounded up. */
function withNoise(before: number, replicaDevices: number): number {
  return Math.ceil(before * 1.002) + replicaDevices;
}

function onMachine(question: PlanQuestion, change: (hardware: Hardware) => Hardware): PlanQuestion {
  const [machine] = question.machines;
  return { ...question, machines: [{ ...machine!, hardware: change(machine!.hardware) }] };
}

const runs = { numRuns: 8 };
const more = fc.double({ min: 1, max: 3, noNaN: true });

/** Milliseconds; a machine with other work takes a multiple of what these need. */
const patience = { timeout: 120_000 };

describe("a plan", patience, () => {
  it("never needs fewer devices for a higher rate or more users", () => {
    fc.assert(
      fc.property(anyQuestion(), more, (question, factor) => {
        const { kind, amount } = question.load;
        const larger = kind === "rate" ? factor * amount : Math.ceil(factor * amount);
        expect(devices({ ...question, load: { kind, amount: larger } })).toBeGreaterThanOrEqual(devices(question));
      }),
      runs,
    );
  });

  it("never costs more with a longer objective, or without it", () => {
    fc.assert(
      fc.property(
        anyQuestion(),
        fc.constantFrom("ttftSeconds" as const, "tpotSeconds" as const, "endToEndSeconds" as const),
        more,
        (question, name, factor) => {
          const { objectives } = question;
          const wanted = objectives[name];
          const longer = { ...objectives, [name]: wanted === null ? null : factor * wanted };
          const now = cost(question);
          expect(cost({ ...question, objectives: longer })).toBeLessThanOrEqual(now);
          expect(cost({ ...question, objectives: { ...objectives, [name]: null } })).toBeLessThanOrEqual(now);
        },
      ),
      runs,
    );
  });

  it("never needs fewer devices for longer prompts or longer answers at the same rate", () => {
    fc.assert(
      fc.property(anyQuestion({ loads: "rate" }), more, (question, factor) => {
        const { input, output } = question.workload;
        const now = devices(question);
        const longer = (of: number): number => Math.ceil(factor * of);
        const of = (inputTokens: number, outputTokens: number): number =>
          devices({ ...question, workload: workload(inputTokens, outputTokens) });
        expect(of(longer(input.mean), output.mean)).toBeGreaterThanOrEqual(now);
        expect(of(input.mean, longer(output.mean))).toBeGreaterThanOrEqual(now);
      }),
      runs,
    );
  });

  it("needs no more devices on twice the bandwidth or the memory, within 0.2 % and one replica", () => {
    fc.assert(
      fc.property(anyQuestion(), fc.boolean(), (question, isBandwidth) => {
        const now = best(question);
        if (now === null) return;
        const doubled = onMachine(question, (hardware) =>
          isBandwidth
            ? scaledHardware(hardware, { bandwidth: 2 })
            : { ...hardware, memoryCapacityBytes: 2 * hardware.memoryCapacityBytes },
        );
        expect(devices(doubled)).toBeLessThanOrEqual(withNoise(now.devices, now.planned.layout.devices));
      }),
      runs,
    );
  });

  it("never slows an output token of the same fleet by doubling its bandwidth", () => {
    fc.assert(
      fc.property(anyQuestion({ loads: "rate" }), (question) => {
        const now = searchFleets({ ...question, separatePrefill: "never" }, false).candidates[0];
        if (now === undefined) return;
        const doubled = onMachine(question, (hardware) => scaledHardware(hardware, { bandwidth: 2 }));
        const { parallelism } = now.planned.layout;
        const same = replicasOn(doubled, doubled.machines[0]!).planned.find(
          ({ layout, formats }) =>
            JSON.stringify(layout.parallelism) === JSON.stringify(parallelism) &&
            formats.kvCache.id === now.planned.formats.kvCache.id,
        );
        const load = sharedLoad(same!, question.load, now.replicas, question.objectives);
        expect(load!.meanTpotSeconds).toBeLessThanOrEqual(now.load.meanTpotSeconds * (1 + 1e-6));
      }),
      runs,
    );
  });

  it("never needs more cache a request, nor more devices, with MQA than with GQA-2 than with MHA", () => {
    fc.assert(
      fc.property(anyQuestion({ models: softmaxModels }), (question) => {
        const found = (["mqa", "gqa:2", "mha"] as const).map((variant) => {
          const changed = { ...question, model: applyAttention(question.model, variant) };
          const { planned } = replicasOn(changed, changed.machines[0]!);
          const rows = question.workload.input.mean + question.workload.output.mean;
          const single = planned.find(({ layout }) => layout.devices === 1);
          return { bytes: single?.replica.requestBytes(rows), devices: devices(changed) };
        });
        const [mqa, gqa, mha] = found as [(typeof found)[0], (typeof found)[0], (typeof found)[0]];
        expect(mqa.devices).toBeLessThanOrEqual(gqa.devices);
        expect(gqa.devices).toBeLessThanOrEqual(mha.devices);
        if (mha.bytes === undefined) return;
        expect(gqa.bytes).toBe(2 * mqa.bytes!);
        expect(mha.bytes).toBeGreaterThan(gqa.bytes!);
      }),
      runs,
    );
  });

  it("is never dearer with another kind of device, or another format, to choose from", () => {
    fc.assert(
      fc.property(anyQuestion(), fc.constantFrom(...machines), (question, other) => {
        const now = cost(question);
        expect(cost({ ...question, machines: [...question.machines, planMachine(other)] })).toBeLessThanOrEqual(now);
        const kvCaches = [...question.kvCaches, format("int8")];
        expect(cost({ ...question, kvCaches })).toBeLessThanOrEqual(now);
      }),
      runs,
    );
  });

  it("keeps its objectives, the utilisation and Little's law by its own figures, and fills the memory with its parts", () => {
    fc.assert(
      fc.property(anyQuestion({ shortest: 2 }), (question) => {
        const { objectives, limits, load, workload: lengths } = question;
        const { candidates, refusals } = searchFleets(question, false);
        for (const each of candidates) {
          const reached = each.load;
          expect(reached.ttftSeconds).toBeLessThanOrEqual(objectives.ttftSeconds ?? Number.MAX_VALUE);
          expect(reached.tpotSeconds).toBeLessThanOrEqual(objectives.tpotSeconds ?? Number.MAX_VALUE);
          expect(reached.endToEndSeconds).toBeLessThanOrEqual(objectives.endToEndSeconds ?? Number.MAX_VALUE);
          expect(reached.utilization).toBeLessThanOrEqual(limits.utilization);
          expect(reached.running).toBeLessThanOrEqual(each.planned.open.slots * (1 + 1e-9));
          if (load.kind === "rate") expect(each.requestsPerSecond / load.amount).toBeCloseTo(1, 4);
          const { meanTtftSeconds, meanTpotSeconds } = reached;
          const whole = meanTtftSeconds + (lengths.output.mean - 1) * meanTpotSeconds;
          if (load.kind === "users") expect((each.requestsPerSecond * whole) / load.amount).toBeCloseTo(1, 2);
          const { capacityBytes, ...parts } = candidateRow(each, candidates[0]!, refusals, load.amount).memory;
          expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) / capacityBytes).toBeCloseTo(1, 9);
        }
      }),
      { numRuns: 24 },
    );
  });

  it("is the cheapest of its candidates, and the same twice", () => {
    fc.assert(
      fc.property(anyQuestion(), (question) => {
        const text = (): string[] =>
          searchFleets(question, false).candidates.map((each) => `${fleetText(each)} ${JSON.stringify(each.load)}`);
        expect(text()).toEqual(text());
        const { candidates } = searchFleets(question, false);
        expect(candidates).toEqual([...candidates].sort(byCost));
      }),
      runs,
    );
  });
});
