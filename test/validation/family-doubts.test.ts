import { describe, expect, it } from "vitest";
import { familyDoubts } from "../../src/validation/family-doubts.ts";
import { familySamples } from "../../src/validation/form-samples.ts";
import { roundHardware, syntheticTable } from "../fixtures/synthetic-fit.ts";

const doubts = (kind: "attention" | "linear", keep: (cells: readonly (string | number)[]) => boolean) =>
  familySamples([syntheticTable(kind, { keep })], roundHardware).flatMap(familyDoubts);

describe("familyDoubts", () => {
  it("has none of several groups and workloads", () => {
    expect(doubts("attention", () => true)).toEqual([]);
    expect(doubts("linear", () => true)).toEqual([]);
  });

  it("says that rows are of one group, one context or one number of tokens", () => {
    expect(doubts("attention", (cells) => cells[5] === 8)).toEqual([
      "decode-attention, triton, bf16: of one group only (8 K/V heads), so that errors and intervals are of fitted rows",
    ]);
    expect(doubts("attention", (cells) => cells[7] === 2048)).toEqual([
      "decode-attention, triton, bf16: of one context only (2048), so that other contexts are extrapolated",
    ]);
    expect(doubts("linear", (cells) => cells[3] === 16)).toEqual([
      "linear, unnamed, bf16: of one number of tokens only (16), so that others are extrapolated",
    ]);
  });
});
