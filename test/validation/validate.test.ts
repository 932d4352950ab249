import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { roofline } from "../../src/timing/roofline.ts";
import type { TimingModel } from "../../src/timing/timing-model.ts";
import { rowPredictor } from "../../src/validation/predict-row.ts";
import { type Validation, validateTables } from "../../src/validation/validate.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const header = "kernel,dtype,batch,heads,kv_heads,head_dim,context,time_us";
const table = (...lines: string[]) => readMeasurementTable(`${header}\n${lines.join("\n")}\n`, "t.csv");
const attentionOf = (validation: Validation) => {
  const result = validation.kinds.attention;
  if (result === undefined) throw new Error("no attention");
  return result;
};

describe("validateTables on the measured H100", () => {
  const datasheet = validateTables(h100Tables, h100);
  const measured = validateTables(h100Tables, measuredH100());

  it("compares every row", () => {
    expect(datasheet.compared).toHaveLength(1008 + 132 + 13);
    expect(Object.entries(datasheet.kinds).map(([kind, result]) => [kind, result?.rows])).toEqual([
      ["attention", 1008],
      ["linear", 132],
      ["steps", 13],
    ]);
    expect(datasheet.notes).toEqual([]);
  });

  it("the datasheet's roofline is a bound: no row is faster, and whole steps are 28.5 % slower in the median", () => {
    for (const each of datasheet.compared) expect(each.errorPercent).toBeLessThan(0);
    expect(datasheet.kinds.steps?.bias).toBeCloseTo(-28.5, 1);
    // 32.7 %: Llama-2-7B, batch 1, context 512.
    expect(datasheet.kinds.steps?.maxAbsolutePercentageError).toBeCloseTo(32.7, 1);
    expect(datasheet.kinds.steps?.worst[0]?.row).toMatchObject({ batch: 1, context: 512, model: "7b-mha" });
  });

  it("measured ceilings bring each kind nearer", () => {
    for (const kind of ["attention", "linear", "steps"] as const) {
      const error = (validation: Validation) => validation.kinds[kind]?.medianAbsolutePercentageError ?? Number.NaN;
      expect(error(measured)).toBeLessThan(error(datasheet));
    }
  });

  it("says what the timing of the rows had to say: a format that is widened, once", () => {
    const v100 = validateTables(h100Tables, hardwareProfile("v100-sxm-32g"));
    const widened = v100.notes.filter((note) => note.includes("bf16"));
    expect(widened).toHaveLength(1);
    expect(widened[0]).toMatch(/widened/);
    expect(datasheet.notes).toEqual([]);
  });

  it("groups add up to their kind: variants, kernels and sizes", () => {
    const { rows, groups } = attentionOf(datasheet);
    for (const by of ["variant", "kernel", "size"] as const) {
      expect(groups.filter((group) => group.by === by).reduce((sum, group) => sum + group.rows, 0)).toBe(rows);
    }
    expect(groups.filter((group) => group.by === "variant").map((group) => group.name)).toEqual(["MHA", "GQA", "MQA"]);
    expect(groups.filter((group) => group.by === "size").at(-1)?.name).toBe("10.0 GB to 100 GB");
    expect(datasheet.kinds.linear?.groups.every((group) => group.by === "size")).toBe(true);
  });

  it("names launches as the reason of the worst attention rows", () => {
    const { worst, reasons } = attentionOf(datasheet);
    expect(worst.map((each) => each.reason)).toEqual(Array(5).fill("launch"));
    expect(reasons.launch).toBeGreaterThan(100);
    expect(reasons["above-ceiling"] + reasons["cache-resident"]).toBe(0);
  });
});

describe("validateTables", () => {
  it("finds no error in a table made from the roofline itself", () => {
    const predict = rowPredictor(h100);
    const shape = fc.record({
      batch: fc.integer({ min: 1, max: 512 }),
      kvHeads: fc.constantFrom(1, 2, 4, 8),
      group: fc.constantFrom(1, 4, 16),
      headDim: fc.constantFrom(64, 80, 128, 256),
      context: fc.integer({ min: 1, max: 131_072 }),
      dtype: fc.constantFrom("bf16", "fp16", "fp32", "fp8"),
      layers: fc.integer({ min: 1, max: 80 }),
    });
    fc.assert(
      fc.property(shape, (s) => {
        const heads = s.group * s.kvHeads;
        const lines = {
          attention: `${header}\nx,${s.dtype},${s.batch},${heads},${s.kvHeads},${s.headDim},${s.context},`,
          linear: `dtype,m,k,n,time_us\n${s.dtype},${s.batch},${heads * s.headDim},${s.context},`,
          steps: `dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,batch,context,step_ms\n${s.dtype},${s.layers},${heads * s.headDim},${heads},${s.kvHeads},${s.headDim},4096,1,32000,${s.batch},${s.context},`,
        };
        for (const [kind, text] of Object.entries(lines)) {
          const row = readMeasurementTable(`${text}1\n`, "t.csv").rows[0]!;
          const seconds = predict(row, "t.csv").seconds;
          const made = readMeasurementTable(`${text}${seconds * (kind === "steps" ? 1e3 : 1e6)}\n`, "t.csv");
          const result = validateTables([made], h100).kinds[made.kind]!;
          expect(result.maxAbsolutePercentageError).toBeLessThan(1e-9);
          expect(result.within10Percent).toBe(100);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("explains: rereading, residence in a cache, a ceiling passed, low efficiency", () => {
    // 4.19 MB a sequence for 8 K/V heads at 3.35 TB/s; batch 1024 takes 1.28 ms, four times as much 5.1 ms.
    const result = attentionOf(
      validateTables(
        [
          table(
            "a,bf16,1024,32,8,128,1024,5200",
            "b,bf16,1024,32,8,128,1024,2600",
            "c,bf16,1024,32,8,128,1024,1000",
            "d,bf16,8,32,8,128,1024,5",
          ),
        ],
        h100,
      ),
    );
    const reasonOf = (kernel: string) => result.worst.find((each) => each.row.kernel === kernel);
    expect(reasonOf("a")).toMatchObject({ reason: "reread" });
    expect(reasonOf("a")?.explanation).toMatch(/reading keys and values 4 times/);
    expect(reasonOf("b")).toMatchObject({ reason: "efficiency" });
    expect(reasonOf("b")?.explanation).toMatch(/^1\.66 TB\/s, 50 % of the bandwidth/);
    expect(reasonOf("c")).toMatchObject({ reason: "above-ceiling" });
    expect(reasonOf("d")).toMatchObject({ reason: "cache-resident" });
    expect(reasonOf("d")?.explanation).toMatch(/33\.7 MB fit into 52\.4 MB of L2/);
  });

  it("gives coverage and half width with a timing model that has intervals", () => {
    const timing = (machine: Hardware): TimingModel => ({
      id: "calibrated",
      notes: ["a test"],
      bind: (plan) => {
        const timer = roofline(machine).bind(plan);
        return {
          boundOf: timer.boundOf,
          time: (tape, into) => {
            timer.time(tape, into);
            into.interval = { low: into.seconds * 0.5, high: into.seconds * 1.5, level: 0.9 };
            return into;
          },
        };
      },
    });
    const validation = validateTables(h100Tables, h100, { timing });
    expect(validation).toMatchObject({ timing: "calibrated", notes: ["a test"] });
    expect(validation.kinds.steps?.coverage90).toBe(100);
    expect(validation.kinds.steps?.medianIntervalHalfWidth).toBeCloseTo(50 * (1 - 0.285), 0);
  });

  it("notes several machines and parameters that don't follow from the columns", () => {
    const text =
      "gpu,dtype,layers,d_model,heads,kv_heads,head_dim,d_ff,gated,vocab,batch,context,step_ms,params_read\nA,bf16,2,1024,8,1,128,4096,1,32000,4,512,1,1\nB,bf16,2,1024,8,1,128,4096,1,32000,4,512,1,";
    const { notes } = validateTables([readMeasurementTable(`${text}\n`, "t.csv")], h100);
    expect(notes[0]).toBe("the rows are of 2 machines (A, B), predicted as one");
    expect(notes[1]).toMatch(/^1 row has a params_read .* t\.csv line 2$/);
  });

  it("refuses a time that is not above zero, and tables without a row", () => {
    expect(() => validateTables([table("a,bf16,1,32,8,128,1024,0")], h100)).toThrow(
      /^invalid t\.csv line 2, column time_us: 0 \(wants a time above 0; `ridgepoint audit`/,
    );
    expect(() => validateTables([table("a,bf16,1,32,8,128,1024,-5")], h100)).toThrow("column time_us: -5 (wants");
    expect(() => validateTables([readMeasurementTable(`${header}\n`, "t.csv")], h100)).toThrow(/no row to compare/);
  });
});
