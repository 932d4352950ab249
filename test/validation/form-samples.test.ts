import { describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { familySamples } from "../../src/validation/form-samples.ts";
import { roundHardware, syntheticTable } from "../fixtures/synthetic-fit.ts";

const linearTable = (rows: string, columns = "dtype,m,k,n,time_us,time_min_us,time_max_us,kernel") =>
  readMeasurementTable(`${columns}\n${rows}\n`, "linear.csv");

describe("familySamples", () => {
  it("is a family for each kind of work, kernel and format, and none of whole steps", () => {
    const families = familySamples(
      [
        ...(["attention", "steps"] as const).map((kind) => syntheticTable(kind)),
        linearTable("bf16,1,64,32,5,5,5,\nfp8,1,64,32,5,5,5,cutlass\nbf16,2,64,32,6,6,6,"),
      ],
      roundHardware,
    );
    expect(families.map(({ kind, kernel, format, samples }) => [kind, kernel, format, samples.length])).toEqual([
      ["decode-attention", "triton", "bf16", 100],
      ["linear", "unnamed", "bf16", 2],
      ["quantized-linear", "cutlass", "fp8", 1],
    ]);
  });

  it("holds a row's call, its time, its table, and what it is left out and correlated with", () => {
    const [{ samples }] = familySamples([linearTable("bf16,16,64,32,5,5,5,")], roundHardware) as [
      ReturnType<typeof familySamples>[number],
    ];
    expect(samples[0]).toMatchObject({
      ...{
        seconds: expect.closeTo(5e-6, 12),
        table: "linear.csv",
        group: "64 × 32",
        workload: "16 × 1 × 1",
        weight: 1,
      },
      call: { m: 16, n: 32, k: 64 },
    });
    const attention = familySamples([syntheticTable("attention")], roundHardware)[0]!.samples;
    expect(new Set(attention.map(({ group }) => group))).toEqual(
      new Set([1, 4, 8, 16, 32].map((heads) => `${heads} K/V heads`)),
    );
    expect(attention[0]!.workload).toBe("1 × 1 × 128");
  });

  it("counts a row less whose own repetitions scatter", () => {
    const [{ samples }] = familySamples(
      [linearTable("bf16,1,64,32,100,100,100,\nbf16,1,64,32,100,94,106,\nbf16,1,64,32,100,50,250,")],
      roundHardware,
    ) as [ReturnType<typeof familySamples>[number]];
    // A range of 12 % is a spread of 3 %: 1 / √2.
    expect(samples.map(({ weight }) => weight)).toEqual([
      1,
      expect.closeTo(Math.SQRT1_2, 9),
      expect.closeTo(1 / Math.hypot(1, 0.5 / 0.03), 9),
    ]);
  });
});
