import { describe, expect, it } from "vitest";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import type { StepRow } from "../../src/measurement/measurement-row.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { parametersRead, stepModel } from "../../src/measurement/step-model.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { h100Tables } from "../fixtures/measurements.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const predict = rowPredictor(h100);
const rowOf = (header: string, line: string) => {
  const row = readMeasurementTable(`${header}\n${line}\n`, "t.csv").rows[0];
  if (row === undefined) throw new Error("no row");
  return row;
};
const attention = (line: string, header = "") =>
  predict(rowOf(`dtype,batch,heads,kv_heads,head_dim,context,time_us${header}`, line), "t.csv");
const linear = (line: string) => predict(rowOf("dtype,m,k,n,time_us", line), "t.csv");

describe("rowPredictor", () => {
  it("an attention call reads K and V once, its queries, and writes its outputs", () => {
    // 1 × 1024 rows × 2 × 8 × 128 × 2 B; queries and outputs 2 × 32 × 128 × 2 B; 4 × 32 × 1024 × 128 FLOPs.
    const p = attention("bf16,1,32,8,128,1024,1");
    expect(p).toMatchObject({ kvBytes: 4_194_304, weightBytes: 0, bytes: 4_194_304 + 16_384, matmulFlops: 16_777_216 });
    expect(p.seconds).toBeCloseTo((4_194_304 + 16_384) / 3.35e12, 15);
    expect(p.bound).toBe("cache");
  });

  it("a window bounds the rows read, kv_dtype their bytes, and fp32 both", () => {
    expect(attention("bf16,2,32,8,128,1024,1,256", ",window").kvBytes).toBe((2 * 4_194_304) / 4);
    expect(attention("bf16,1,32,8,128,1024,1,fp8", ",kv_dtype").kvBytes).toBe(4_194_304 / 2);
    expect(attention("float32,1,32,8,128,1024,1").bytes).toBe(2 * (4_194_304 + 16_384));
  });

  it("a linear layer reads its weights, input and output; many rows are bound by compute", () => {
    const one = linear("bf16,1,4096,12288,1");
    expect(one).toMatchObject({ weightBytes: 100_663_296, bytes: 100_663_296 + 2 * (4096 + 12_288) });
    expect(one.bound).toBe("weights");
    const many = linear("bf16,4096,4096,12288,1");
    expect(many.bound).toBe("compute");
    expect(many.seconds).toBeCloseTo((2 * 4096 * 4096 * 12_288) / 989e12, 12);
    expect(linear("fp8,4096,4096,12288,1").seconds).toBeCloseTo((2 * 4096 * 4096 * 12_288) / 1979e12, 12);
  });

  it("stored formats without a unit are multiplied in 16 bits", () => {
    const a100 = rowPredictor(hardwareProfile("a100-80g-sxm"));
    expect(a100(rowOf("dtype,m,k,n,time_us", "fp8,1,4096,4096,1"), "t.csv").computeFormat).toBe("bf16");
    expect(() => linear("fp9,1,4096,4096,1")).toThrow("invalid t.csv line 2, column dtype: fp9 (wants fp32, bf16");
  });

  it("a step of Llama-2-7B's columns is the step of Llama-2-7B's profile", () => {
    const llama = predictStep(stepPredictor(modelProfile("llama-2-7b"), h100), { batch: 16, context: 2048 });
    const table = h100Tables[2]!;
    const row = table.rows.find((each) => each.kind === "steps" && each.batch === 16 && each.context === 2048)!;
    const p = predict(row, table.name);
    expect(p.seconds).toBe(llama.seconds);
    expect([p.weightBytes, p.kvBytes]).toEqual([llama.totals.weightBytes, llama.totals.kvBytes]);
  });

  it("counts the parameters that the measured tables state: all but the embedding and the final norm", () => {
    for (const row of h100Tables[2]!.rows as readonly StepRow[]) {
      expect(parametersRead(row)).toBe(row.statedParametersRead);
      const model = stepModel(row);
      expect(parametersRead(row)).toBe(countParameters(model).total - row.vocab * row.dModel - row.dModel);
    }
  });

  it("counts the K/V bytes, weight bytes and FLOPs that the measured tables state", () => {
    for (const row of [...h100Tables[0]!.rows, ...h100Tables[1]!.rows]) {
      const p = predict(row, "t.csv");
      if (row.kind === "attention") expect(p.kvBytes).toBe(row.statedKvBytes);
      if (row.kind === "linear") {
        expect([p.weightBytes, p.matmulFlops]).toEqual([row.statedWeightBytes, row.statedFlops]);
      }
    }
  });

  it("gated = 0 has two feed-forward matrices, and tp shares the step", () => {
    const header = "dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,batch,context,step_ms,tp";
    const gated = rowOf(header, "bf16,2,1024,8,1,128,4096,1,32000,4,512,1,1") as StepRow;
    const plain = rowOf(header, "bf16,2,1024,8,1,128,4096,0,32000,4,512,1,1") as StepRow;
    expect(parametersRead(gated) - parametersRead(plain)).toBe(2 * 1024 * 4096);
    const two = predict(rowOf(header, "bf16,2,1024,8,1,128,4096,1,32000,4,512,1,2"), "t.csv");
    const one = predict(gated, "t.csv");
    expect(two.weightBytes).toBeLessThan(0.6 * one.weightBytes);
    // MQA's one K/V head is held by each device.
    expect(two.kvBytes).toBe(one.kvBytes);
  });

  it("a small kernel is its operation alone, in its activations' format", () => {
    const small = (line: string, header = "op,rows,features,dtype,time_us,gated,activations") =>
      predict(rowOf(header, line), "t.csv");
    // In and out of 2 × 4096 elements and 4096 weights: 4 B each; 4 FLOPs a feature.
    const norm = small("normalization,2,4096,fp32,1,,");
    expect(norm).toMatchObject({ bytes: 2 * 2 * 4096 * 4 + 4096 * 4, flops: 4 * 2 * 4096, matmulFlops: 0, kvBytes: 0 });
    expect(norm.seconds).toBeCloseTo(norm.bytes / 3.35e12, 15);
    expect(small("rotary-embedding,1,4096,bf16,1,,").bytes).toBe(2 * 4096 * 2);
    expect(small("feed-forward-activation,1,11008,bf16,1,1,").bytes).toBe(3 * 11_008 * 2);
    expect(small("feed-forward-activation,1,11008,bf16,1,0,").bytes).toBe(2 * 11_008 * 2);
    expect(small("residual,4,4096,fp32,1,,").bytes).toBe(3 * 4 * 4096 * 4);
    // A row of the cache in 8 bits, from activations in fp32.
    expect(small("cache-append,1,2048,int8,1,,fp32")).toMatchObject({ kvBytes: 2048, bytes: 2048 + 4 * 2048 });
  });

  it("takes activations from their column: fp32 beside bf16 weights multiplies in fp32 and moves 4 bytes an element", () => {
    const row = predict(rowOf("dtype,m,k,n,time_us,activations", "bf16,1,4096,12288,1,fp32"), "t.csv");
    expect(row).toMatchObject({ weightBytes: 100_663_296, bytes: 100_663_296 + 4 * (4096 + 12_288) });
    expect(row.computeFormat).toBe("fp32");
    expect(() => predict(rowOf("dtype,m,k,n,time_us,activations", "bf16,1,4,8,1,odd"), "t.csv")).toThrow(
      "t.csv line 2, column activations: odd",
    );
  });

  it("predicts a warm row from the cache that holds it, and a cold one and one that does not say from memory", () => {
    const cached = { ...h100, caches: [{ name: "L2", bytes: 50e6, bandwidthBytesPerSecond: 10e12 }] };
    const inCache = rowPredictor(cached);
    const seconds = (cold: string): number =>
      inCache(rowOf("dtype,m,k,n,time_us,cold", `bf16,1,1024,1024,1,${cold}`), "t").seconds;
    const bytes = 2 * 1024 * 1024 + 2 * 2048;
    expect(seconds("0")).toBeCloseTo(bytes / 10e12, 15);
    for (const cold of ["1", ""]) expect(seconds(cold)).toBeCloseTo(bytes / 3.35e12, 15);
  });
});
