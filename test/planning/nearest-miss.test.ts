import { describe, expect, it } from "vitest";
import { fleetText } from "../../src/planning/candidate.ts";
import { type NearestMiss, nearestMiss } from "../../src/planning/nearest-miss.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { parseDuration } from "../../src/quantity/parse-duration.ts";
import { format, planMachine, planQuestion } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function missOf(question: PlanQuestion): NearestMiss {
  const { candidates, refusals } = searchFleets(question, false);
  expect(candidates).toEqual([]);
  return nearestMiss(question, refusals)!;
}

/** The question with a fix made as its words say. */
function fixed(question: PlanQuestion, change: string): PlanQuestion {
  const { limits, objectives } = question;
  const option = (name: string): string | undefined => new RegExp(`--${name} (\\S+)`).exec(change)?.[1];
  const seconds = (name: string, own: number | null): number | null => {
    const text = option(name);
    return text === undefined ? own : parseDuration(name, text);
  };
  const [weights, kvCache] = [option("weights"), option("kv-cache")];
  const devices = /up to (\d+) devices/.exec(change)?.[1];
  const unlimited = {
    fleetDevices: null,
    deviceCounts: null,
    replicaCounts: null,
    powerWatts: null,
    costPerHour: null,
  };
  return {
    ...question,
    ...(weights === undefined ? {} : { weights: [format(weights)] }),
    ...(kvCache === undefined ? {} : { kvCaches: [format(kvCache)] }),
    objectives: {
      ...objectives,
      ttftSeconds: seconds("ttft", objectives.ttftSeconds),
      tpotSeconds: seconds("tpot", objectives.tpotSeconds),
      endToEndSeconds: seconds("end-to-end", objectives.endToEndSeconds),
    },
    limits: {
      ...limits,
      ...(devices === undefined ? {} : { devices: Number(devices), fleetDevices: null, deviceCounts: null }),
      ...(change.startsWith("no limit") ? unlimited : {}),
    },
    separatePrefill: change === "--separate-prefill auto" ? "auto" : question.separatePrefill,
  };
}

const llama70 = modelProfile("llama-3.1-70b");
const patient = { ttftSeconds: 5, tpotSeconds: 0.1 };
const cases: readonly (readonly [string, PlanQuestion, string, RegExp])[] = [
  [
    "memory",
    planQuestion({ model: llama70, objectives: patient, load: { kind: "rate", amount: 1 }, limits: { devices: 1 } }),
    "TP 1",
    /^weights 141 GB/,
  ],
  ["an objective", planQuestion({ objectives: { tpotSeconds: 0.001 } }), "TP 8", /^TPOT .* objective 1\.00 ms$/],
  ["TTFT", planQuestion({ objectives: { ttftSeconds: 0.001 } }), "TP 8", /^TTFT .* objective 1\.00 ms$/],
  [
    "the end",
    planQuestion({ objectives: { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: 0.1 } }),
    "TP 8",
    /^end to end .* objective 100 ms$/,
  ],
  [
    "a limit of devices",
    planQuestion({ load: { kind: "rate", amount: 300 }, limits: { devices: 1, fleetDevices: 2 } }),
    "TP 1",
    /^needs \d+ devices, at most 2$/,
  ],
];

describe("nearestMiss", () => {
  it.each(cases)("names what came nearest to %s, and each fix holds as it says", (_name, question, layout, reason) => {
    const miss = missOf(question);
    expect(miss).toMatchObject({ hardware: "h100-sxm", layout });
    expect(miss.reason).toMatch(reason);
    expect(miss.shortBy).toBeGreaterThan(1);
    expect(miss.fixes.length).toBeGreaterThan(0);
    for (const { change, fleet, hardware } of miss.fixes) {
      const [best] = searchFleets(fixed(question, change), false).candidates;
      expect(best, change).toBeDefined();
      expect({ fleet: fleetText(best!), hardware: best!.machine.hardware.id }, change).toEqual({ fleet, hardware });
    }
  });

  it("offers smaller formats and more devices to weights that are too large", () => {
    const changes = missOf(cases[0]![1]).fixes.map(({ change }) => change);
    expect(changes).toContain("--weights int4");
    expect(changes).toContain("replicas of up to 16 devices");
    expect(changes).not.toContain("--kv-cache fp8");
  });

  it("takes the machine that is nearer of two: 70B on one L40S or one H100", () => {
    const machines = [planMachine("l40s"), planMachine("h100-sxm")];
    const question = planQuestion({ model: llama70, machines, limits: { devices: 1 } });
    expect(missOf(question).hardware).toBe("h100-sxm");
  });

  it("says so where only prompts on replicas of their own keep no objective, and that others would", () => {
    const machines = [planMachine("h100-sxm", { link: null, node: null })];
    const miss = missOf(planQuestion({ machines, separatePrefill: "always" }));
    expect(miss.reason).toBe("no fleet with prompts on replicas of their own keeps the objectives");
    expect(miss.fixes[0]).toEqual({ change: "--separate-prefill auto", fleet: "1 × (TP 1)", hardware: "h100-sxm" });
  });

  it("is null where nothing was refused, and names no fix where none helps", () => {
    expect(nearestMiss(planQuestion(), [])).toBeNull();
    const machines = [planMachine("l4", { link: null })];
    const hopeless = planQuestion({ model: modelProfile("llama-3.1-405b"), machines, limits: { devices: 1 } });
    expect(missOf(hopeless).fixes).toEqual([]);
  });
});
