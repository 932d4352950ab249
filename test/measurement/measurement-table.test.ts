import { describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

const attention =
  "gpu,kernel,dtype,batch,heads,kv_heads,head_dim,context,kv_bytes,time_us,time_min_us,time_max_us,gb_per_s";
const attentionRow = "H100,triton,bf16,1,32,8,128,1024,4194304,6.5,6.25,7,645.3";
const steps =
  "gpu,model,dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,params_read,batch,context,kv_bytes,weight_bytes,step_ms,step_min_ms,step_max_ms,tokens_per_s";
const stepRow = "H100,7b,bf16,32,4096,32,32,128,11008,1,32000,6607339520,1,512,268435456,13214679040,5.5,5,6,181.8";
const read = (...lines: string[]) => readMeasurementTable(`${lines.join("\n")}\n`, "t.csv");

describe("readMeasurementTable", () => {
  it("knows attention, linear and steps by their columns, in any order, and brings times to seconds", () => {
    const [row] = read(attention, attentionRow).rows;
    expect(row).toMatchObject({ kind: "attention", kvHeads: 8, statedKvBytes: 4_194_304, window: null, tp: 1 });
    expect(row?.seconds).toBeCloseTo(6.5e-6, 15);
    expect(row?.minSeconds).toBeCloseTo(6.25e-6, 15);
    const linear = read("n,k,m,time_us,dtype", "12288,4096,16,38.5,fp16").rows[0];
    expect(linear).toMatchObject({ kind: "linear", m: 16, k: 4096, n: 12_288, dtype: "fp16", kernel: null });
    const step = read(steps, stepRow).rows[0];
    expect(step).toMatchObject({ kind: "steps", layers: 32, gated: true, statedTokensPerSecond: 181.8, model: "7b" });
    expect(step?.seconds).toBeCloseTo(5.5e-3, 15);
  });

  it("knows a table of small kernels, and refuses an operation that is none", () => {
    const header = "op,rows,features,dtype,time_us,gated,bytes";
    const [act, norm] = read(
      header,
      "feed-forward-activation,8,11008,fp32,3.5,1,1056768",
      "normalization,1,4096,bf16,2,,",
    ).rows;
    expect(act).toMatchObject({ kind: "elementwise", op: "feed-forward-activation", rows: 8, features: 11_008 });
    expect(act).toMatchObject({ gated: true, statedBytes: 1_056_768 });
    expect(act?.seconds).toBeCloseTo(3.5e-6, 15);
    expect(norm).toMatchObject({ op: "normalization", gated: false, statedBytes: null, dtype: "bf16" });
    expect(() => read(header, "softmax,1,1,fp32,1,,")).toThrow(
      "column op: softmax (wants normalization, rotary-embedding, feed-forward-activation, residual or cache-append)",
    );
    expect(() => read(header, ",1,1,fp32,1,,")).toThrow("column op");
  });

  it("reads threads, activations and whether the data came from memory; null where the table does not say", () => {
    const more = read(`${attention},threads,activations,cold`, `${attentionRow},2,fp32,0`, `${attentionRow},,,`).rows;
    expect(more[0]).toMatchObject({ threads: 2, activations: "fp32", cold: false });
    expect(more[1]).toMatchObject({ threads: null, activations: null, cold: null });
    expect(read(attention, attentionRow).rows[0]).toMatchObject({ threads: null, activations: null, cold: null });
    expect(() => read(`${attention},cold`, `${attentionRow},warm`)).toThrow("column cold: warm (wants 1 or 0)");
  });

  it("reads the optional columns and keeps the unknown ones", () => {
    const table = read(
      `${attention},window,kv_dtype,tp,engine,engine_version,source,repetitions,time_mad_us,status,__proto__,mood`,
      `${attentionRow},4096,fp8,2,vllm,0.14,here,50,0.1,ok,x,"good, really"`,
    );
    expect(table.rows[0]).toMatchObject({ window: 4096, kvDtype: "fp8", tp: 2, engine: "vllm", repetitions: 50 });
    expect(table.rows[0]).toMatchObject({ engineVersion: "0.14", source: "here" });
    expect(table.columns.at(-1)).toBe("mood");
    expect(table.otherColumns).toEqual(["__proto__", "mood"]);
    expect(table.rows[0]?.otherCells).toEqual(["x", "good, really"]);
    expect(Object.getPrototypeOf(table.rows[0])).toBe(Object.prototype);
  });

  it("takes an empty cell and 0 for no window", () => {
    const windows = read(`${attention},window`, `${attentionRow},`, `${attentionRow},0`, `${attentionRow},128`).rows;
    expect(windows.map((row) => (row.kind === "attention" ? row.window : "?"))).toEqual([null, null, 128]);
  });

  it("leaves out and counts rows that failed or were skipped, whatever else stands in them", () => {
    const failed = "H100,triton,bf16,1,32,8,128,1024,,,,,";
    const table = read(
      `${attention},status`,
      `${attentionRow},ok`,
      `${failed},failed:out of memory`,
      `${failed},skipped`,
      `${attentionRow},budget`,
      `${attentionRow},`,
    );
    expect([table.rows.length, table.leftOut]).toEqual([3, 2]);
  });

  it("names file, line and column of a bad cell, what stands there and what is wanted", () => {
    const bad = (column: string, value: string) => {
      const cells = attentionRow.split(",");
      cells[attention.split(",").indexOf(column)] = value;
      return () => read(attention, attentionRow, cells.join(","));
    };
    expect(bad("time_us", "fast")).toThrow("invalid t.csv line 3, column time_us: fast (wants a number)");
    expect(bad("batch", "1.5")).toThrow("invalid t.csv line 3, column batch: 1.5 (wants a positive whole number)");
    for (const value of ["0", "-1", "", "NaN", "Infinity", "1e400", "0x10", "1_000"]) {
      expect(bad("context", value), value).toThrow(InvalidInput);
    }
    expect(bad("kv_heads", "12")).toThrow("column kv_heads: 12 (must divide heads 32)");
    for (const value of ["1e-320", "1e300", "1e400"])
      expect(bad("time_us", value), value).toThrow("wants a number from 1e-30 to 1e30 in size, or 0");
    expect(() => read(steps, stepRow.replace("bf16,32,", "bf16,9007199254740991,"))).toThrow(
      /column layers: .* \(at most 10000\)/,
    );
    expect(bad("dtype", "")).toThrow("column dtype: nothing (wants a number format such as bf16)");
    expect(() => read(`${attention},status`, `${attentionRow},maybe`)).toThrow(/column status: maybe \(wants ok/);
    expect(() => read(steps, stepRow.replace(",1,32000", ",yes,32000"))).toThrow("column gated: yes (wants 1 or 0)");
    expect(() => read(attention, "1,2")).toThrow("invalid t.csv line 2: 2 cells (the header has 13 cells)");
  });

  it("says what a table lacks that is nearly one, and refuses what is none", () => {
    expect(() => read(attention.replace(",context", ""))).toThrow(
      /nearest to a table of attention, which also has context\)/,
    );
    expect(() => read("a,b", "1,2")).toThrow(
      /wants the columns of a table of attention, linear, .*steps or engine, see docs/,
    );
    expect(() => read(`${attention},batch`)).toThrow("invalid t.csv header: batch (the column stands there twice)");
    expect(() => readMeasurementTable("", "t.csv")).toThrow("invalid table: t.csv (the file is empty");
  });

  it("keeps signs that a terminal would obey out of labels", () => {
    const row = read(attention, attentionRow.replace("triton", "tri\u001b[31mton\u202e")).rows[0];
    expect(row?.kernel).toBe("tri [31mton");
  });

  it("takes negative and zero times: they are the audit's concern", () => {
    const times = read(attention, attentionRow.replace(",6.5,", ",-6.5,"), attentionRow.replace(",6.5,", ",0,")).rows;
    expect(times.map((row) => Math.sign(row.seconds))).toEqual([-1, 0]);
  });
});
