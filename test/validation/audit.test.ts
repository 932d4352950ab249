import { describe, expect, it } from "vitest";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { auditTables } from "../../src/validation/audit.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const measured = measuredH100();

describe("the measured H100", () => {
  it("has no error, and no warning at a margin of 3 %", () => {
    expect(auditTables(h100Tables, h100, { measured })).toEqual({
      rows: 1153,
      leftOut: 0,
      errors: 0,
      warnings: 0,
      findings: [],
      notJudged: [],
      notes: [],
    });
  });

  it("passes its own ceilings by 1.6 % at most", () => {
    expect(auditTables(h100Tables, h100, { measured, spread: 0.017 }).warnings).toBe(0);
    const over = auditTables(h100Tables, h100, { measured, spread: 0.015 });
    expect(over).toMatchObject({ errors: 0, warnings: 1 });
    expect(over.findings[0]?.message).toMatch(/816 TFLOP\/s, 1\.6 % over the measured ceiling of 803 TFLOP\/s/);
  });
});

const headers = {
  attention: "dtype,batch,heads,kv_heads,head_dim,context,kv_bytes,time_us,time_min_us,time_max_us,gb_per_s",
  linear: "dtype,m,k,n,weight_bytes,flops,time_us,time_min_us,time_max_us",
  steps:
    "dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,batch,context,kv_bytes,weight_bytes,step_ms,step_min_ms,step_max_ms,tokens_per_s",
};
const good = {
  // 17.2 GB of keys and values: 5.128 ms at the datasheet's 3.35 TB/s, 5.568 ms at the measured 3.085 TB/s.
  attention: "bf16,32,32,32,128,32768,17179869184,5700,5690,5710,3014.0",
  // 206 GFLOP × 8: 1.67 ms at 989 TFLOP/s, 2.05 ms at the measured 803 TFLOP/s.
  linear: "bf16,8192,8192,12288,201326592,1649267441664,2100,2090,2110",
  // 13.2 GB of weights, 0.27 GB of keys and values: 4.02 ms and 4.37 ms.
  steps: "bf16,32,4096,32,32,128,11008,1,32000,1,512,268435456,13214679040,5.9883,5.9846,5.9992,167.0",
};
type Kind = keyof typeof good;

/** A good row with cells changed. */
function planted(kind: Kind, changes: Readonly<Record<string, string>>): string {
  const columns = headers[kind].split(",");
  return good[kind]
    .split(",")
    .map((cell, index) => changes[columns[index] ?? ""] ?? cell)
    .join(",");
}

const auditOf = (kind: Kind, ...lines: string[]) =>
  auditTables([readMeasurementTable(`${[headers[kind], ...lines].join("\n")}\n`, `${kind}.csv`)], h100, { measured });

const noSpan = { attention: { time_min_us: "", time_max_us: "" }, steps: { step_min_ms: "", step_max_ms: "" } };

describe("planted rows", () => {
  it.each(["attention", "linear", "steps"] as const)("a good row of %s has no finding", (kind) => {
    expect(auditOf(kind, good[kind]).findings).toEqual([]);
  });

  it.each([
    ["a time of zero", "attention", { time_us: "0", ...noSpan.attention }, "error", "time"],
    ["a negative time", "linear", { time_us: "-2100", ...noSpan.attention }, "error", "time"],
    ["a negative step", "steps", { step_ms: "-1", ...noSpan.steps }, "error", "time"],
    ["a minimum of zero", "attention", { time_min_us: "0" }, "error", "time"],
    ["a negative minimum", "steps", { step_min_ms: "-1" }, "error", "time"],
    ["a median under its minimum", "attention", { time_us: "5689.9" }, "error", "order"],
    ["a step's median under its minimum", "steps", { step_ms: "5.9845" }, "error", "order"],
    ["a median over its maximum", "linear", { time_us: "2110.5" }, "error", "order"],
    ["K/V bytes above the peak", "attention", { time_us: "5127", ...noSpan.attention }, "error", "bandwidth"],
    ["more context than the time allows", "attention", { context: "65536" }, "error", "bandwidth"],
    ["stated K/V bytes above the peak", "attention", { kv_bytes: "34359738368" }, "error", "bandwidth"],
    ["a stated rate above the peak", "attention", { gb_per_s: "3400" }, "error", "bandwidth"],
    [
      "weights above the peak",
      "linear",
      { m: "1", flops: "201326592", time_us: "60", ...noSpan.attention },
      "error",
      "bandwidth",
    ],
    ["stated weight bytes above the peak", "linear", { weight_bytes: "20132659200" }, "error", "bandwidth"],
    ["a step faster than its weights", "steps", { step_ms: "4.0", ...noSpan.steps }, "error", "bandwidth"],
    ["a stated token rate above it", "steps", { tokens_per_s: "260" }, "error", "bandwidth"],
    ["FLOPs above the peak", "linear", { time_us: "1650", ...noSpan.attention }, "error", "compute"],
    ["stated FLOPs above the peak", "linear", { flops: "3298534883328" }, "error", "compute"],
    [
      "K/V bytes above the measured ceiling",
      "attention",
      { time_us: "5300", ...noSpan.attention },
      "warning",
      "bandwidth",
    ],
    ["FLOPs above the measured ceiling", "linear", { time_us: "1900", ...noSpan.attention }, "warning", "compute"],
    ["a step above the measured ceiling", "steps", { step_ms: "4.15", ...noSpan.steps }, "warning", "bandwidth"],
  ] as const)("%s (%s) is found", (_, kind, changes, severity, rule) => {
    const result = auditOf(kind, good[kind], planted(kind, changes), good[kind]);
    expect(result.findings.map(({ line, severity: found, rule: by }) => [line, found, by])).toEqual([
      [3, severity, rule],
    ]);
    expect([result.errors, result.warnings]).toEqual(severity === "error" ? [1, 0] : [0, 1]);
  });

  it("a large batch faster than its FLOPs allow is found", () => {
    // 6.6e9 parameters × 2 × 4096 sequences = 54 TFLOP: 55 ms at 989 TFLOP/s.
    const large = { batch: "4096", context: "1", kv_bytes: "2147483648", tokens_per_s: "", ...noSpan.steps };
    const rules = (step_ms: string) => auditOf("steps", planted("steps", { ...large, step_ms })).findings;
    expect(rules("30").map((each) => [each.severity, each.rule])).toEqual([["error", "compute"]]);
    expect(rules("60").map((each) => [each.severity, each.rule])).toEqual([["warning", "compute"]]);
    expect(rules("80")).toEqual([]);
  });

  it("each of several is found, errors first", () => {
    const result = auditOf(
      "attention",
      planted("attention", { time_us: "5300", time_min_us: "5299", time_max_us: "5301" }),
      planted("attention", { time_us: "0" }),
    );
    expect(result.findings.map((each) => [each.severity, each.line])).toEqual([
      ["error", 3],
      ["error", 3],
      ["warning", 2],
    ]);
  });
});

describe("auditTables", () => {
  it("warns of a measured profile's own figures, which are no datasheet's", () => {
    const table = readMeasurementTable(
      `${headers.attention}\n${planted("attention", { time_us: "3000", ...noSpan.attention })}\n`,
      "t.csv",
    );
    expect(auditTables([table], { ...h100, basis: "measured" })).toMatchObject({ errors: 0, warnings: 1 });
    expect(auditTables([table], h100)).toMatchObject({ errors: 1, warnings: 0 });
  });

  it("hints at a cache where the bytes fit into one", () => {
    const line = "bf16,1,32,32,128,128,2097152,0.5,,,";
    expect(auditOf("attention", line).findings[0]?.message).toMatch(/4\.19 TB\/s, 25 % over the peak of 3\.35 TB\/s/);
    expect(auditOf("attention", line).findings[0]?.message).toMatch(/fit into L2: were they read from memory at all/);
  });

  it("a window's row is held to what the window reads", () => {
    const text = `${headers.attention},window\n${good.attention.replace(",5700,5690,5710,3014.0", ",200,,,,1024")}\n`;
    expect(auditTables([readMeasurementTable(text, "t.csv")], h100).findings).toEqual([]);
  });

  it("refuses tables without a row", () => {
    expect(() => auditTables([readMeasurementTable(`${headers.linear}\n`, "t.csv")], h100)).toThrow(/no row to audit/);
    const skipped = readMeasurementTable(
      `${headers.linear},status\n${"bf16,1,2,3,,,,,,skipped:too large\n".repeat(2)}`,
      "t.csv",
    );
    expect(() => auditTables([skipped], h100)).toThrow("no row to audit: 2 failed or were skipped");
  });
});

describe("rows that were measured warm", () => {
  const table = (cold: string, time: string) =>
    readMeasurementTable(
      `op,rows,features,dtype,time_us,bytes,cold\nresidual,64,4096,fp32,${time},3145728,${cold}\n`,
      "t.csv",
    );
  const l2 = { ...h100, caches: [{ name: "L2", bytes: 50e6, bandwidthBytesPerSecond: null }] };

  it("may pass the memory's bandwidth where a cache can hold them, others may not", () => {
    // 3.1 MB in 0.5 µs are 6.3 TB/s.
    expect(auditTables([table("0", "0.5")], l2).findings).toEqual([]);
    for (const cold of ["1", ""]) {
      expect(auditTables([table(cold, "0.5")], l2).findings[0]).toMatchObject({
        rule: "bandwidth",
        kind: "elementwise",
      });
    }
    expect(auditTables([table("0", "0.5")], { ...l2, caches: [] }).errors).toBe(1);
    expect(auditTables([table("0", "0")], l2).findings[0]).toMatchObject({ rule: "time" });
  });

  it("are held to what they state as well", () => {
    const states = readMeasurementTable(
      "op,rows,features,dtype,time_us,bytes\nresidual,1,4096,fp32,100,1e12\n",
      "t.csv",
    );
    expect(auditTables([states], l2).findings[0]?.message).toContain("states 1.00 TB");
  });
});
