import { describe, expect, it } from "vitest";
import { planFleet } from "../../src/planning/plan-report.ts";
import { planMachine, planQuestion } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const machines = [planMachine("h100-sxm"), planMachine("l40s"), { ...planMachine("h200"), pricePerHour: null }];
const question = planQuestion({ load: { kind: "rate", amount: 100 }, machines, separatePrefill: "auto" });
const { report, search } = planFleet(question);

describe("planFleet", () => {
  it("puts the cheapest first and says of each other why it lost", () => {
    const [best, ...others] = report.candidates;
    expect(report.best).toBe(best);
    expect(best!.lost).toBeNull();
    expect(others.length).toBe(search.candidates.length - 1);
    for (const row of others) {
      const { costPerHour, devices, lost } = row;
      if (costPerHour === null) expect(lost).toBe("no price is known for it");
      else if (costPerHour > best!.costPerHour!) {
        expect(lost).toMatch(new RegExp(`^${Math.round(100 * (costPerHour / best!.costPerHour! - 1))} % dearer`));
        expect(lost!.includes(`${devices} devices against ${best!.devices}`)).toBe(devices !== best!.devices);
      } else expect(lost).toMatch(/devices against|^the same cost, TPOT /);
    }
    expect(others.some(({ hardware }) => hardware === "h200")).toBe(true);
  });

  it("divides each device's memory wholly: its parts sum to the capacity within a byte", () => {
    for (const { memory } of report.candidates) {
      const { capacityBytes, ...parts } = memory;
      expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(capacityBytes, 0);
      for (const bytes of Object.values(parts)) expect(bytes).toBeGreaterThanOrEqual(0);
    }
  });

  it("has fronts of priced points by cost and of all points by throughput, each falling as TPOT grows", () => {
    const { paretoFront, throughputFront, points } = report;
    expect(paretoFront.length).toBeGreaterThan(3);
    paretoFront.forEach((point, i) => {
      expect(point.costPerMillionTokens).not.toBeNull();
      if (i > 0) expect(point.costPerMillionTokens!).toBeLessThan(paretoFront[i - 1]!.costPerMillionTokens!);
    });
    throughputFront.forEach(({ tokensPerSecondPerDevice }, i) => {
      if (i > 0) expect(tokensPerSecondPerDevice).toBeGreaterThan(throughputFront[i - 1]!.tokensPerSecondPerDevice);
    });
    expect(Math.max(...points.map((each) => each.tokensPerSecondPerDevice))).toBe(
      throughputFront.at(-1)!.tokensPerSecondPerDevice,
    );
  });

  it("says what it takes for granted, and what relief buys", () => {
    expect(report.assumptions.join("\n")).toMatch(/Poisson process.*loaded to 90 %/);
    expect(report.reliefs.length).toBeGreaterThan(3);
    expect(report.nearestMiss).toBeNull();
  });

  it("has no best, no relief and the nearest miss where nothing fits, each refusal with its reason", () => {
    const hopeless = planQuestion({ model: modelProfile("llama-3.1-70b"), limits: { devices: 1 } });
    const { report: none } = planFleet(hopeless);
    expect(none).toMatchObject({ best: null, candidates: [], reliefs: [], paretoFront: [] });
    expect(none.rejected).toEqual([
      expect.objectContaining({ hardware: "h100-sxm", tp: 1, pp: 1, ep: 1, kind: "memory", weights: "bf16" }),
    ]);
    expect(none.nearestMiss!.layout).toBe("TP 1");
  });
});
