import { describe, expect, test } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { mqaSpeedups } from "../../src/validation/mqa-speedup.ts";
import { validateTables } from "../../src/validation/validate.ts";
import { measuredH100 } from "../fixtures/measurements.ts";

const header = "kernel,dtype,batch,heads,kv_heads,head_dim,context,time_us";
const compared = (lines: readonly string[]) => {
  const table = readMeasurementTable(`${header}\n${lines.join("\n")}\n`, "attention.csv");
  return validateTables([table], measuredH100());
};

describe("the speed-up of MQA over MHA", () => {
  test("is MHA's time over MQA's, predicted beside measured", () => {
    // 32 times the keys and values: 268 MB and 8.4 MB at 3.085 TB/s are 87 and 2.7 µs.
    const { compared: rows } = compared(["a,bf16,1,32,32,128,16384,100", "a,bf16,1,32,1,128,16384,10"]);
    const [pair, ...others] = mqaSpeedups(rows);
    expect(others).toEqual([]);
    expect(pair?.measured).toBeCloseTo(10, 12);
    expect(pair?.predicted).toBeGreaterThan(31);
    expect(pair?.predicted).toBeLessThan(32.1);
    expect(pair?.errorPercent).toBeCloseTo(10 * (pair?.predicted ?? 0) - 100, 9);
  });

  test("pairs only rows that differ in their K/V heads alone", () => {
    const mha = "a,bf16,1,32,32,128,16384,100";
    for (const other of [
      "b,bf16,1,32,1,128,16384,10",
      "a,fp16,1,32,1,128,16384,10",
      "a,bf16,2,32,1,128,16384,10",
      "a,bf16,1,16,1,128,16384,10",
      "a,bf16,1,32,1,64,16384,10",
      "a,bf16,1,32,1,128,8192,10",
      "a,bf16,1,32,8,128,16384,10",
    ]) {
      expect(mqaSpeedups(compared([mha, other]).compared), other).toEqual([]);
    }
  });

  test("pairs no rows of other machines, engines, devices, activations or temperature", () => {
    const columns = "gpu,engine,tp,activations,cold,dtype,batch,heads,kv_heads,head_dim,context,time_us";
    const pairs = (mqa: string): number => {
      const text = `${columns}\nx,e,1,bf16,1,bf16,1,32,32,128,16384,100\n${mqa},bf16,1,32,1,128,16384,10\n`;
      return mqaSpeedups(validateTables([readMeasurementTable(text, "attention.csv")], measuredH100()).compared).length;
    };
    expect(pairs("x,e,1,bf16,1")).toBe(1);
    for (const other of ["y,e,1,bf16,1", "x,f,1,bf16,1", "x,e,2,bf16,1", "x,e,1,fp32,1", "x,e,1,bf16,0"]) {
      expect(pairs(other), other).toBe(0);
    }
  });

  test("knows no pair of one head, which is both, and none of linear layers", () => {
    expect(mqaSpeedups(compared(["a,bf16,1,1,1,128,16384,10"]).compared)).toEqual([]);
    const linear = readMeasurementTable("dtype,m,k,n,time_us\nbf16,1,4096,4096,20\n", "linear.csv");
    expect(mqaSpeedups(validateTables([linear], measuredH100()).compared)).toEqual([]);
  });

  test("of whole steps needs equal layers, width and vocabulary", () => {
    const steps = "dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,batch,context,step_ms";
    const speedups = (mqa: string) =>
      mqaSpeedups(
        validateTables(
          [readMeasurementTable(`${steps}\nbf16,8,1024,8,8,128,2816,1,8192,1,4096,2\n${mqa}\n`, "steps.csv")],
          measuredH100(),
        ).compared,
      );
    expect(speedups("bf16,8,1024,8,1,128,2816,1,8192,1,4096,1")[0]?.measured).toBeCloseTo(2, 12);
    expect(speedups("bf16,9,1024,8,1,128,2816,1,8192,1,4096,1")).toEqual([]);
    expect(speedups("bf16,8,1024,8,1,128,2816,0,8192,1,4096,1")).toEqual([]);
    expect(speedups("bf16,8,1024,8,1,128,2816,1,8193,1,4096,1")).toEqual([]);
  });
});
