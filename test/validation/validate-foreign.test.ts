import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../src/files/labelled-profiles.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { validateTables } from "../../src/validation/validate.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const read = (header: string, ...rows: string[]) => readMeasurementTable([header, ...rows, ""].join("\n"), "t.csv");
const predicted = (header: string, row: string) => validateTables([read(header, row)], h100).compared[0];

describe("the roofline of imported rows", () => {
  it("prefill attention is bound by its FLOPs", () => {
    // 4 × 32 heads × 16384 × 16385 / 2 pairs × 128: 2.199e12 FLOPs and softmax at 989 TFLOP/s.
    const row = predicted(
      "dtype,batch,heads,kv_heads,head_dim,query_tokens,context,time_us",
      "bf16,1,32,8,128,16384,16384,5000",
    );
    expect(row?.prediction).toMatchObject({ bound: "compute", matmulFlops: 4 * 32 * ((16384 * 16385) / 2) * 128 });
    expect(row?.predictedSeconds).toBeGreaterThan(2.2e-3);
    expect(row?.predictedSeconds).toBeLessThan(2.3e-3);
  });

  it("absorbed latent attention of few heads is bound by its cached rows", () => {
    // 128 × 8192 rows × 576 × 2 bytes: 1.208 GB, 360.6 µs at 3.35 TB/s; queries and outputs are 4.5 MB more.
    const row = predicted("dtype,batch,heads,context,kv_lora_rank,time_us", "bf16,128,16,8192,512,400");
    expect(row?.prediction).toMatchObject({ bound: "cache", kvBytes: 1_207_959_552 });
    expect((row?.predictedSeconds ?? 0) * 1e6).toBeCloseTo((1_207_959_552 + 128 * 16 * (2 * 512 + 64) * 2) / 3.35e6, 1);
  });

  it("experts are bound by their weights, and collectives by the link", () => {
    const moe = predicted("dtype,tokens,d_model,d_ff,experts,top_k,time_us", "bf16,32,4096,14336,8,2,1000");
    expect(moe?.prediction).toMatchObject({ bound: "weights", weightBytes: 8 * 3 * 4096 * 14336 * 2 });
    const link = predicted("op,gpus,message_bytes,dtype,time_us", "all-reduce,8,1073741824,bf16,5000");
    expect(link?.prediction).toMatchObject({ bound: "link", linkBytes: 1.75 * 2 ** 30, bytes: 0 });
    expect(link?.predictedSeconds).toBeCloseTo((1.75 * 2 ** 30) / 450e9, 9);
    const { worst = [], groups = [] } =
      validateTables([read("op,gpus,message_bytes,dtype,time_us", "all-reduce,8,1073741824,bf16,50000")], h100).kinds
        .collectives ?? {};
    expect(worst[0]?.explanation).toBe("37.6 GB/s, 8 % of the link's rate");
    expect(groups.map(({ name }) => name)).toEqual(["1.00 GB to 10.0 GB"]);
  });

  it("collectives need a link", () => {
    const table = read("op,gpus,message_bytes,dtype,time_us", "all-reduce,8,1024,bf16,50");
    expect(() => validateTables([table], { ...h100, link: null })).toThrow("its profile has no link");
  });
});

describe("what validate says of tables", () => {
  const runs = read("engine,model,hardware,precision,metric,value", "vllm,m,h,fp8,tpot_ms,1");
  const kernel = read("gpu,m,k,n,dtype,time_us", "NVIDIA A100-SXM4-80GB,16,4096,12288,bf16,40");

  it("runs of engines that can't be predicted are said, with the reason", () => {
    const why = "1 row of an engine is not predicted: no profile of the machine";
    expect(() => validateTables([runs], h100)).toThrow(`no row to compare: ${why}`);
    const { notes, compared } = validateTables([kernel, runs], h100);
    expect(compared).toHaveLength(1);
    expect(notes).toEqual([why]);
  });

  it("runs of engines are compared by engine, machine, metric and model, without a machine of --hardware", () => {
    const header = "engine,model,hardware,precision,concurrency,isl,osl,metric,value,stat";
    const row = (machine: string, value: number): string =>
      `llama.cpp,Llama-2-7B,${machine},fp16,1,0,128,tokens_per_s_total,${value},decode`;
    const table = read(header, row("Apple M1 Pro", 12.75), row("RTX 3090", 50));
    const validation = validateTables([table], null, { profiles: labelledProfiles() });
    expect(validation).toMatchObject({ hardware: null, timing: "calibrated", engine: null });
    const { engine } = validation.kinds;
    expect(engine?.rows).toBe(2);
    expect(engine?.groups.map(({ by, name }) => `${by} ${name}`)).toEqual([
      ...["engine llama.cpp-metal", "engine llama.cpp-cuda", "machine apple-m1-pro", "machine rtx-3090"],
      ...["metric tokens_per_s_total", "model llama-2-7b"],
    ]);
    // 13.5 GB at the 200 GB/s of the M1 Pro are 67 ms: 14.8 tokens a second at most, of which 12.75 were measured.
    expect(engine?.medianAbsolutePercentageError).toBeLessThan(15);
    expect(engine?.coverage90).toBe(100);
    expect(() => validateTables([kernel, table], null)).toThrow("wants the machine that was measured");
  });

  it("rows of another machine, in another unit and not converted are said", () => {
    const fast = { ...kernel, rows: kernel.rows.map((row) => ({ ...row, seconds: row.seconds / 1000 })) };
    const partly = { ...fast, leftOut: 2, notConverted: [{ reason: "beams", rows: 2, line: 7 }] };
    expect(validateTables([partly], h100, { profiles: labelledProfiles() }).notes).toEqual([
      "t.csv: not converted: 2 rows, the first at line 7: beams",
      "t.csv has 1 row of NVIDIA A100-SXM4-80GB (a100-80g-sxm), taken as h100-sxm",
      expect.stringMatching(/^t\.csv: its rows are up to 760 times faster .* are its times in another unit\?$/),
    ]);
  });
});
