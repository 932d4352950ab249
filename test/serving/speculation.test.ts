import { describe, expect, test } from "vitest";
import { acceptedTokens } from "../../src/serving/speculation.ts";

describe("speculation", () => {
  test("3 drafts, 0.7 of them right, yield 1 + 0.7 + 0.49 + 0.343 = 2.533 tokens a step", () => {
    expect(acceptedTokens({ tokens: 3, acceptance: 0.7 })).toBeCloseTo(2.533, 12);
    expect(acceptedTokens({ tokens: 5, acceptance: 0 })).toBe(1);
    expect(acceptedTokens({ tokens: 5, acceptance: 1 - 1e-9 })).toBeCloseTo(6, 6);
  });
});
