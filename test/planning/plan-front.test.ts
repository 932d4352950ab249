import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontPoints, type PlanPoint, paretoFront } from "../../src/planning/plan-front.ts";
import { replicasOn } from "../../src/planning/search.ts";
import { planMachine, planQuestion } from "../fixtures/plan-question.ts";

function point(tpotSeconds: number, cost: number): PlanPoint {
  return {
    ...{ hardware: "h100-sxm", layout: "TP 1", batch: 1, ttftSeconds: 0.1, tpotSeconds },
    ...{ tokensPerSecondPerDevice: 1 / cost, costPerMillionTokens: cost },
  };
}

const costOf = ({ costPerMillionTokens }: PlanPoint): number => costPerMillionTokens!;

describe("paretoFront", () => {
  it("keeps of four points the two that nothing beats", () => {
    const [quick, cheap] = [point(1, 4), point(3, 1)];
    expect(paretoFront([cheap, point(2, 5), quick, point(4, 1)], costOf)).toEqual([quick, cheap]);
    expect(paretoFront([], costOf)).toEqual([]);
  });

  it("is what comparing every point with every other leaves, one of equals", () => {
    const value = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 40 }), (pairs) => {
        const points = pairs.map(([tpot, cost]) => point(tpot, cost));
        const isBeaten = (a: PlanPoint): boolean =>
          points.some(
            (b) =>
              b.tpotSeconds <= a.tpotSeconds &&
              costOf(b) <= costOf(a) &&
              (b.tpotSeconds < a.tpotSeconds || costOf(b) < costOf(a)),
          );
        const text = (each: PlanPoint): string => `${each.tpotSeconds} ${costOf(each)}`;
        const left = new Set(points.filter((each) => !isBeaten(each)).map(text));
        const front = paretoFront(points, costOf).map(text);
        expect(new Set(front)).toEqual(left);
        expect(front).toHaveLength(left.size);
      }),
    );
  });
});

describe("frontPoints", () => {
  const question = planQuestion({ limits: { devices: 2 } });
  const machine = planMachine("h100-sxm");
  const [planned] = replicasOn(question, machine).planned;
  const points = frontPoints(question, machine, planned!);

  it("goes from one sequence up, with TPOT and tokens a second growing and TTFT and utilisation kept", () => {
    expect(points[0]!.batch).toBe(1);
    expect(points.length).toBeGreaterThan(10);
    points.forEach((each, i) => {
      expect(each.ttftSeconds).toBeLessThanOrEqual(0.5);
      if (i === 0) return;
      expect(each.batch).toBeGreaterThan(points[i - 1]!.batch);
      expect(each.tpotSeconds).toBeGreaterThan(points[i - 1]!.tpotSeconds);
      expect(each.tokensPerSecondPerDevice).toBeGreaterThan(points[i - 1]!.tokensPerSecondPerDevice);
    });
  });

  it("costs what the device costs over the tokens it makes: 3.29 USD/h at 1000 tokens/s is 0.914 USD a million", () => {
    for (const { costPerMillionTokens, tokensPerSecondPerDevice } of points) {
      expect(costPerMillionTokens! * tokensPerSecondPerDevice).toBeCloseTo((machine.pricePerHour! / 3600) * 1e6, 6);
    }
  });

  it("has no cost without a price, no point where none fits, and fewer where TTFT is short", () => {
    const unpriced = frontPoints(question, { ...machine, pricePerHour: null }, planned!);
    expect(unpriced.map(({ costPerMillionTokens }) => costPerMillionTokens)).toEqual(points.map(() => null));
    const full = { ...planned!, open: { ...planned!.open, slots: 0.5 } };
    expect(frontPoints(question, machine, full)).toEqual([]);
    const hasty = planQuestion({ objectives: { ttftSeconds: 0.05 } });
    expect(frontPoints(hasty, machine, planned!).length).toBeLessThan(points.length);
  });
});
