import { describe, expect, it } from "vitest";
import { checkObjectives, type Objectives } from "../../src/planning/objectives.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

const none: Objectives = { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: null, share: 0.95 };

describe("checkObjectives", () => {
  it.each<[string, Partial<Objectives>]>([
    ["none at all", {}],
    ["all three", { ttftSeconds: 0.5, tpotSeconds: 0.04, endToEndSeconds: 12 }],
    ["an end that is the first token", { ttftSeconds: 0.5, endToEndSeconds: 0.5 }],
    ["an end after one token's time", { tpotSeconds: 0.5, endToEndSeconds: 0.5 }],
    ["the median", { share: 0.5 }],
    ["the 99.9th percentile", { share: 0.999 }],
  ])("takes %s", (_name, of) => {
    const objectives = { ...none, ...of };
    expect(checkObjectives(objectives)).toBe(objectives);
  });

  it.each<[string, Partial<Objectives>, string]>([
    ["TTFT of 0", { ttftSeconds: 0 }, "ttft"],
    ["TPOT below 0", { tpotSeconds: -1 }, "tpot"],
    ["an end without end", { endToEndSeconds: Number.POSITIVE_INFINITY }, "endToEnd"],
    ["TTFT that is no number", { ttftSeconds: Number.NaN }, "ttft"],
    ["a share under the median", { share: 0.499 }, "percentile"],
    ["all requests", { share: 1 }, "percentile"],
    ["an end before the first token", { ttftSeconds: 0.5, endToEndSeconds: 0.499 }, "endToEnd"],
    ["an end within one token's time", { tpotSeconds: 0.5, endToEndSeconds: 0.499 }, "endToEnd"],
  ])("refuses %s, naming the field", (_name, of, field) => {
    let thrown: unknown = null;
    try {
      checkObjectives({ ...none, ...of });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidInput);
    expect((thrown as InvalidInput).field).toBe(field);
  });
});
