import { describe, expect, test } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { describeSlowerVariant, slowerVariants, variantEfficiencies } from "../../src/validation/variant-efficiency.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";

const h100 = measuredH100();
const ceiling = 3.085e12;

const table = (...lines: readonly string[]) =>
  readMeasurementTable(
    `kernel,dtype,batch,heads,kv_heads,head_dim,context,time_us\n${lines.join("\n")}\n`,
    "attention.csv",
  );

describe("efficiency by variant", () => {
  test("is the bytes of keys and values over time and read ceiling: by hand", () => {
    // 2 · 16 · 8 · 32768 · 128 · 2 bytes = 2.147 GB; half of 3.085e12 bytes a second for 1392.2 µs.
    const [only, ...others] = variantEfficiencies([table("a,bf16,16,64,8,128,32768,1392.2")], h100, ceiling);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ kernel: "a", format: "bf16", headDim: 128, variant: "GQA-8", rows: 1 });
    expect(only?.medianEfficiency).toBeCloseTo(0.5, 4);
    expect(only?.bestEfficiency).toBe(only?.medianEfficiency);
  });

  test("tells variants, formats and kernels apart, and leaves out what fits into the cache", () => {
    const rows = table(
      "a,bf16,64,64,64,128,4096,2000",
      "a,bf16,64,64,1,128,32768,2000",
      "a,fp8,64,64,1,128,32768,2000",
      "b,bf16,64,64,1,128,32768,2000",
      "a,bf16,1,64,1,128,1024,10",
    );
    const found = variantEfficiencies([rows], h100, ceiling);
    expect(found.map(({ kernel, format, variant }) => `${kernel} ${format} ${variant}`)).toEqual([
      "a bf16 MHA",
      "a bf16 MQA-64",
      "a fp8 MQA-64",
      "b bf16 MQA-64",
    ]);
    expect(found.every((each) => each.rows === 1)).toBe(true);
    expect(variantEfficiencies([rows], h100, ceiling, (_, line) => line !== 2)).toHaveLength(1);
  });

  test("of the H100 here, large calls of every variant reach most of the read ceiling in Triton and cuDNN", () => {
    const found = variantEfficiencies(h100Tables, h100, ceiling);
    const of = (kernel: string) => found.filter((each) => each.kernel === kernel);
    expect(of("triton").map(({ variant }) => variant)).toEqual(["MHA", "GQA-4", "GQA-8", "MQA-32"]);
    for (const { bestEfficiency } of [...of("triton"), ...of("sdpa_cudnn")]) {
      expect(bestEfficiency).toBeGreaterThan(0.92);
      expect(bestEfficiency).toBeLessThan(1.02);
    }
    const medians = new Map(of("triton").map(({ variant, medianEfficiency }) => [variant, medianEfficiency]));
    expect(medians.get("MQA-32")).toBeLessThan(medians.get("MHA") ?? 0);
  });
});

describe("variants of fewer bytes that are slower", () => {
  const slow = ["a,bf16,8,64,8,128,16384,90", "a,bf16,8,64,1,128,16384,646"];

  test("are told with their ratio and in one line", () => {
    const [only, ...others] = slowerVariants([table(...slow)], h100);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ kernel: "a", heads: 64, kvHeads: 1, thanKvHeads: 8, pairs: 1, slowerPairs: 1 });
    expect(only?.worstRatio).toBeCloseTo(646 / 90, 12);
    expect(only?.worst).toMatchObject({ batch: 8, context: 16384 });
    expect(only && describeSlowerVariant(only)).toBe(
      "MQA-64 is not faster than GQA-8 in a: 7.2 times its time (one pair) with 1/8 of the bytes",
    );
  });

  test("need rows alike, a difference beyond scatter, and bytes beyond the cache", () => {
    const [gqa] = slow;
    for (const other of [
      "a,bf16,8,64,1,128,16384,98",
      "b,bf16,8,64,1,128,16384,646",
      "a,fp8,8,64,1,128,16384,646",
      "a,bf16,4,64,1,128,16384,646",
      "a,bf16,8,32,1,128,16384,646",
      "a,bf16,8,64,1,64,16384,646",
      "a,bf16,8,64,1,128,8192,646",
      "a,bf16,8,64,16,128,16384,646",
    ]) {
      expect(slowerVariants([table(gqa ?? "", other)], h100), other).toEqual([]);
    }
    expect(slowerVariants([table("a,bf16,1,64,8,128,1024,9", "a,bf16,1,64,1,128,1024,60")], h100)).toEqual([]);
    expect(slowerVariants([table(...slow)], h100, (_, line) => line === 3)).toEqual([]);
  });

  test("are told where half of the pairs at least are slower, the worst first", () => {
    const faster = ["a,bf16,8,64,8,128,32768,180", "a,bf16,8,64,1,128,32768,100"];
    const third = ["a,bf16,8,64,8,128,65536,360", "a,bf16,8,64,1,128,65536,200"];
    expect(slowerVariants([table(...slow, ...faster)], h100)).toMatchObject([{ pairs: 2, slowerPairs: 1 }]);
    expect(slowerVariants([table(...slow, ...faster, ...third)], h100)).toEqual([]);
    const two = ["a,bf16,8,64,4,128,16384,200", ...slow];
    const found = slowerVariants([table(...two)], h100);
    expect(found.map(({ kvHeads, thanKvHeads }) => [kvHeads, thanKvHeads])).toEqual([
      [1, 8],
      [1, 4],
      [4, 8],
    ]);
    const [first, second] = found;
    expect(first?.medianRatio).toBeGreaterThan(second?.medianRatio ?? Infinity);
  });

  test("are none on the H100 here", () => {
    expect(slowerVariants(h100Tables, h100)).toEqual([]);
  });
});
