import { describe, expect, it } from "vitest";
import { gateOf, gateText } from "../../src/cli/here-gate.ts";

type Judged = Parameters<typeof gateOf>[0];

/** Median errors of whole steps by the fit and by the roofline; attention's and linear layers' by the fit. */
function judged(fit: number, roofline: number, attention = 5, linear = 5): Judged {
  const of = (kinds: Record<string, number>) => ({
    kinds: Object.fromEntries(
      Object.entries(kinds).map(([kind, medianAbsolutePercentageError]) => [kind, { medianAbsolutePercentageError }]),
    ),
  });
  return {
    steps: { calibrated: of({ steps: fit }), roofline: of({ steps: roofline }) },
    kernels: { calibrated: of({ attention, linear }), roofline: of({}) },
  } as unknown as Judged;
}

describe("the gate of --max-median", () => {
  it("is missed by a fit that is no better than the roofline, though all medians are within the limit", () => {
    const gate = gateOf(judged(38, 38), 40, 0.02);
    expect(gate).toEqual({ maxMedianPercent: 40, missed: ["fit"], skipped: null });
    expect(gateText(gate)).toBe(
      "gate missed: the fit's median error of whole steps is more than 75 % of the plain roofline's\n",
    );
  });

  it("is met at three quarters of the roofline's error, missed just above", () => {
    expect(gateOf(judged(30, 40), 40, 0).missed).toEqual([]);
    expect(gateOf(judged(30.1, 40), 40, 0).missed).toEqual(["fit"]);
    expect(gateText(gateOf(judged(30, 40), 40, 0))).toBe("");
  });

  it("leaves the fit alone where other programs used more than a quarter of the processors, and says so", () => {
    expect(gateOf(judged(38, 38), 40, 0.25).missed).toEqual(["fit"]);
    const gate = gateOf(judged(38, 38), 40, 0.26);
    expect(gate.missed).toEqual([]);
    expect(gateText(gate)).toBe("gate: the fit was not held against the roofline: other programs used 26 %\n");
  });

  it("names the kinds whose median is above its limit, busy or not", () => {
    expect(gateOf(judged(41, 90, 42, 3), 40, 0.9).missed).toEqual(["steps", "attention"]);
    expect(gateText(gateOf(judged(10, 90, 4, 43), 40, 0))).toBe(
      "gate missed: the median error of linear is more than 40 %\n",
    );
  });

  it("says nothing where it was not asked for", () => {
    expect(gateText(null)).toBe("");
  });
});
