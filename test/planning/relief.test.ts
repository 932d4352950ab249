import { describe, expect, it } from "vitest";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { type Relief, reliefsOf } from "../../src/planning/relief.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { planMachine, planQuestion, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function reliefs(question: PlanQuestion): ReadonlyMap<string, Relief> {
  const [best] = searchFleets(question, false).candidates;
  return new Map(reliefsOf(question, best!).map((each) => [each.what, each]));
}

/** Two bisections that end within 0.1 % each. */
const noise = 0.002;
const rate = (amount: number): PlanQuestion["load"] => ({ kind: "rate", amount });

describe("reliefsOf", () => {
  it("tells of memory, bandwidth and arithmetic, of the link where there are several devices, of the objectives that there are", () => {
    const single = reliefs(planQuestion({ limits: { devices: 1 } }));
    expect([...single.keys()]).toEqual([
      ...["memory capacity", "memory bandwidth", "arithmetic"],
      ...["TTFT objective", "TPOT objective"],
    ]);
    const objectives = { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: 60 };
    const four = reliefs(planQuestion({ model: modelProfile("llama-3.1-70b"), objectives, load: rate(1) }));
    expect([...four.keys()]).toEqual([
      ...["memory capacity", "memory bandwidth", "arithmetic", "link"],
      "end-to-end objective",
    ]);
  });

  it("buys most of what binds: TPOT where it does, memory where the caches fill it", () => {
    const hasty = reliefs(
      planQuestion({ load: rate(300), objectives: { tpotSeconds: 0.012 }, limits: { devices: 1 } }),
    );
    expect(hasty.get("TPOT objective")!.moreLoadPerDevice).toBeGreaterThan(0.25);
    expect(hasty.get("TPOT objective")!.devices).toBeLessThan(hasty.get("TTFT objective")!.devices);
    expect(hasty.get("TTFT objective")!.moreLoadPerDevice).toBeCloseTo(0, 2);
    const full = reliefs(
      planQuestion({
        ...{ model: modelProfile("llama-2-7b"), machines: [planMachine("rtx-4090")], load: rate(20) },
        ...{ workload: workload(2000, 1000), limits: { devices: 1 } },
        objectives: { ttftSeconds: null, tpotSeconds: null },
      }),
    );
    const gains = [...full].map(([what, { moreLoadPerDevice }]) => [what, moreLoadPerDevice] as const);
    expect(gains.sort(([, a], [, b]) => b - a)[0]![0]).toBe("memory capacity");
  });

  it.each([
    { name: "chat", question: planQuestion({ load: rate(100) }) },
    { name: "users", question: planQuestion({ load: { kind: "users", amount: 400 }, limits: { utilization: 1 } }) },
    {
      name: "prefill apart",
      question: planQuestion({ load: rate(50), separatePrefill: "always", limits: { devices: 2 } }),
    },
    { name: "70B", question: planQuestion({ model: modelProfile("llama-3.1-70b"), load: rate(20) }) },
  ])(
    "never serves less with more of anything, nor needs more devices, within a fifth of a per cent ($name)",
    ({ question }) => {
      const { devices } = searchFleets(question, false).candidates[0]!;
      for (const [what, relief] of reliefs(question)) {
        expect(relief.moreLoadPerDevice, what).toBeGreaterThan(-noise);
        expect(relief.devices, what).toBeLessThanOrEqual(devices);
      }
    },
  );
});
