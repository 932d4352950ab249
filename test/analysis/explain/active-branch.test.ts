import { describe, expect, it } from "vitest";
import { activeBranch, type Side } from "../../../src/analysis/explain/active-branch.ts";
import { differentiate, evaluateFormula, parseFormula } from "../../../src/analysis/explain/algebra.ts";

const derivative = (formula: string, scope: Record<string, number>, side: Side) => {
  const branch = activeBranch(parseFormula(formula), "x", scope, side);
  return { value: evaluateFormula(differentiate(branch.formula, "x"), scope), tie: branch.tie };
};

describe("activeBranch", () => {
  it("takes the argument that binds", () => {
    expect(derivative("min(x, w)", { x: 5, w: 9 }, "right")).toEqual({ value: 1, tie: false });
    expect(derivative("max(x, w) * 3", { x: 5, w: 9 }, "right")).toEqual({ value: 0, tie: false });
    expect(derivative("2 * max(x - 1, min(3 * x, 7))", { x: 2 }, "left")).toEqual({ value: 6, tie: false });
  });

  it("gives both one-sided derivatives at a tie", () => {
    expect(derivative("min(x, w)", { x: 9, w: 9 }, "right")).toEqual({ value: 0, tie: true });
    expect(derivative("min(x, w)", { x: 9, w: 9 }, "left")).toEqual({ value: 1, tie: true });
    expect(derivative("max(x, 2 * x - 3)", { x: 3 }, "right")).toEqual({ value: 2, tie: true });
    expect(derivative("max(x, 2 * x - 3)", { x: 3 }, "left")).toEqual({ value: 1, tie: true });
    expect(derivative("max(x, x + 0)", { x: 3 }, "left")).toEqual({ value: 1, tie: false });
  });

  it("resolves a floor to its value, on its own side of a jump", () => {
    expect(derivative("x - floor(x / 4) * 4", { x: 9 }, "right")).toEqual({ value: 1, tie: false });
    expect(activeBranch(parseFormula("floor(x / 4)"), "x", { x: 8 }, "left").jump).toBe(true);
    expect(activeBranch(parseFormula("floor(x / 4)"), "x", { x: 9 }, "left").jump).toBe(false);
    const value = (side: Side) =>
      evaluateFormula(activeBranch(parseFormula("floor(x / 4)"), "x", { x: 8 }, side).formula, { x: 8 });
    expect([value("left"), value("right")]).toEqual([1, 2]);
    const falling = (side: Side) =>
      evaluateFormula(activeBranch(parseFormula("floor(-x)"), "x", { x: 3 }, side).formula, {});
    expect([falling("left"), falling("right")]).toEqual([-3, -4]);
    expect(derivative("floor(w) * x", { x: 1, w: 4 }, "left")).toEqual({ value: 4, tie: false });
  });

  it("leaves other functions and operators alone", () => {
    expect(derivative("log(x) + x^2", { x: 2 }, "right").value).toBeCloseTo(4.5, 12);
  });
});
