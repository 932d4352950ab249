import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../src/files/labelled-profiles.ts";
import { readMeasurementTable } from "../../src/measurement/measurement-table.ts";
import { auditTables, possibleTables } from "../../src/validation/audit.ts";
import { otherMachines, refuseOtherMachines } from "../../src/validation/other-machines.ts";
import { refuseWrongUnits, unitDoubts } from "../../src/validation/table-units.ts";
import { h100Tables } from "../fixtures/measurements.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const profiles = labelledProfiles();
const read = (header: string, ...rows: string[]) => readMeasurementTable([header, ...rows, ""].join("\n"), "t.csv");
const found = (header: string, ...rows: string[]) =>
  auditTables([read(header, ...rows)], h100, { profiles }).findings.map(({ line, severity, rule }) => [
    line,
    severity,
    rule,
  ]);

describe("caches", () => {
  // 8.4 MB in 2 µs are 4.2 TB/s; an H100 has 3.35 TB/s and an L2 of 50 MiB.
  const header = "dtype,batch,heads,kv_heads,head_dim,context,time_us,cold";

  it("what fits into one is a warning, unless the row says that it came from memory", () => {
    expect(found(header, "bf16,1,32,32,128,512,2,")).toEqual([[2, "warning", "bandwidth"]]);
    expect(found(header, "bf16,1,32,32,128,512,2,1")).toEqual([[2, "error", "bandwidth"]]);
    expect(found(header, "bf16,1,32,32,128,512,2,0")).toEqual([]);
  });

  it("what does not fit is an error whatever it says", () => {
    for (const cold of ["", "0", "1"]) {
      expect(found(header, `bf16,1,32,32,128,8192,20,${cold}`)).toEqual([[2, "error", "bandwidth"]]);
    }
  });
});

describe("latent attention, experts and collectives", () => {
  it("latent attention reads its rows once", () => {
    // 128 × 8192 rows × 576 × 2 bytes are 1.2 GB: 360.6 µs at the peak.
    const header = "dtype,batch,heads,context,kv_lora_rank,time_us";
    expect(found(header, "bf16,128,16,8192,512,360")).toEqual([[2, "error", "bandwidth"]]);
    expect(found(header, "bf16,128,16,8192,512,361")).toEqual([]);
  });

  it("experts are an error where even the fewest that tokens can touch are too many, else a warning", () => {
    // Eight experts of three 4096 × 14336 matrices, bf16: 2.8 GB, 841.5 µs; two of them 210.4 µs.
    const header = "dtype,tokens,d_model,d_ff,experts,top_k,time_us";
    expect(found(header, "bf16,32,4096,14336,8,2,842")).toEqual([]);
    expect(found(header, "bf16,32,4096,14336,8,2,841")).toEqual([[2, "warning", "bandwidth"]]);
    expect(found(header, "bf16,32,4096,14336,8,2,211")).toEqual([[2, "warning", "bandwidth"]]);
    expect(found(header, "bf16,32,4096,14336,8,2,210")).toEqual([[2, "error", "bandwidth"]]);
  });

  it("a collective sends no faster than the link, by the algorithm that sends least", () => {
    // 1 GiB at 450 GB/s: 2386 µs; 7 / 8 of it 2088 µs.
    const header = "op,gpus,message_bytes,dtype,time_us";
    expect(found(header, "all-reduce,8,1073741824,bf16,2387", "all-gather,8,1073741824,bf16,2089")).toEqual([]);
    expect(found(header, "all-reduce,8,1073741824,bf16,2386", "all-gather,8,1073741824,bf16,2087")).toEqual([
      [2, "error", "link"],
      [3, "error", "link"],
    ]);
    const table = read(header, "all-reduce,8,1073741824,bf16,1");
    expect(auditTables([table], { ...h100, link: null }).findings).toEqual([]);
  });
});

describe("runs of engines", () => {
  const header = "engine,model,hardware,precision,devices,tp,concurrency,isl,osl,metric,value,stat";
  const run = (row: string) => auditTables([read(header, row)], null, { profiles });

  it("no batch decodes faster than its devices read the weights", () => {
    // Mixtral 8x7B, fp16: 32 tokens touch all its 46.7e9 parameters, 93.4 GB without the embedding's; two A100 read 4.08 TB/s.
    const mixtral = "trt-llm,Mixtral 8x7B,A100-SXM-80GB,fp16,2,2,32,2048,2048,tokens_per_s_per_gpu";
    const [finding] = run(`${mixtral},801,output tokens/s`).findings;
    expect(finding).toMatchObject({ severity: "error", rule: "bandwidth", kind: "engine", line: 2 });
    expect(finding?.message).toMatch(
      /^reads 93\.1 GB of weights a step: 4\.66 TB\/s, 14 % over the 4\.08 TB\/s of 2 × A100/,
    );
    expect(run(`${mixtral},700,output tokens/s`).findings).toEqual([]);
    // One sequence touches a quarter of the experts.
    expect(run(mixtral.replace(",32,", ",1,").concat(",40,decode")).findings).toEqual([]);
  });

  it.each([
    // Llama 3.1 8B reads 15 GB a step: 4.48 ms of one H100.
    ["tpot_ms,4.4,mean", 1],
    ["tpot_ms,4.6,mean", 0],
    ["ttft_ms,4.4,mean", 1],
    ["ttft_ms,4.6,mean", 0],
    ["latency_s,0.56,mean", 1],
    ["latency_s,0.60,mean", 0],
    ["tokens_per_s_total,7200,output", 1],
    ["tokens_per_s_total,7000,output", 0],
    // 14.0e9 FLOPs a prompt token (logits of the last alone) at 1,979 TFLOP/s: 141,700 tokens a second.
    ["tokens_per_s_total,143000,prefill tokens/s", 1],
    ["tokens_per_s_total,140000,prefill tokens/s", 0],
  ])("%s has %i errors", (figure, errors) => {
    expect(run(`vllm,Llama 3.1 8B,H100-SXM-80GB,bf16,1,1,32,128,128,${figure}`).errors).toBe(errors);
  });

  it("says which figures it could not judge, and why", () => {
    const table = read(
      header,
      "vllm,Llama 3.1 8B,H100-SXM-80GB,bf16,1,1,32,128,128,tokens_per_s_total,1e9,prompt and output tokens",
      "vllm,Llama 3.1 8B,H100-SXM-80GB,bf16,1,1,,128,128,tokens_per_s_total,1e9,output",
      "vllm,Llama 3.1 8B,toaster,bf16,1,1,32,128,128,tpot_ms,0.1,mean",
      "vllm,my model,H100-SXM-80GB,bf16,1,1,32,128,128,tpot_ms,0.1,mean",
      "vllm,Llama 3.1 8B,H100-SXM-80GB,odd,1,1,32,128,128,tpot_ms,0.1,mean",
    );
    const audit = auditTables([table], null, { profiles });
    expect([audit.errors, audit.notJudged.map(({ rows }) => rows)]).toEqual([0, [1, 1, 1, 1, 1]]);
    expect(audit.notJudged[2]?.reason).toBe("no profile is named toaster: --hardware says which");
    // The machine given stands in for a label that no profile bears.
    expect(auditTables([table], h100, { profiles })).toMatchObject({ errors: 1, notJudged: { length: 4 } });
  });

  it("a figure of zero is an error, and kernels need a machine", () => {
    expect(run("vllm,Llama 3.1 8B,H100-SXM-80GB,bf16,1,1,32,1,1,tokens_per_s_total,0,x").findings).toMatchObject([
      { rule: "time" },
    ]);
    const kernel = read("m,k,n,dtype,time_us", "1,2,3,bf16,4");
    expect(() => auditTables([kernel], null, { profiles })).toThrow("invalid hardware: none (t.csv wants the machine");
  });
});

describe("possibleTables", () => {
  it("leaves out the rows with errors, and counts them by table", () => {
    const table = read("m,k,n,dtype,time_us", "1,4096,12288,bf16,40", "1,4096,12288,bf16,1", "1,4096,12288,bf16,41");
    const audit = auditTables([table], h100);
    const { tables, impossible } = possibleTables([table], audit);
    expect(impossible).toEqual([{ table: "t.csv", rows: 1 }]);
    expect(tables[0]?.rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(possibleTables(h100Tables, auditTables(h100Tables, h100))).toEqual({ tables: h100Tables, impossible: [] });
  });
});

describe("units", () => {
  const scaled = (factor: number) =>
    h100Tables.map((table) => ({
      ...table,
      rows: table.rows.map((row) => ({ ...row, seconds: row.seconds * factor })),
    }));

  it("finds times that are a thousand times too short or too long, in each table", () => {
    expect(unitDoubts(h100Tables, h100)).toEqual([]);
    for (const factor of [1e-3, 1e3]) {
      const doubts = unitDoubts(scaled(factor), h100);
      expect(doubts.map(({ table }) => table)).toEqual(h100Tables.map(({ name }) => name));
      expect(doubts.every((doubt) => (factor < 1 ? doubt.factor > 20 : doubt.factor < 0.01))).toBe(true);
    }
    expect(unitDoubts(scaled(0.5), h100)).toEqual([]);
    expect(() => refuseWrongUnits(scaled(1e-3), h100)).toThrow(/are its times in another unit\?/);
  });

  it("says nothing of small kernels alone, which are all start-up", () => {
    expect(unitDoubts([read("m,k,n,dtype,time_us", "1,64,64,bf16,5000")], h100)).toEqual([]);
  });
});

describe("otherMachines", () => {
  it("finds rows whose label is another profile's name", () => {
    const a100 = hardwareProfile("a100-80g-sxm");
    expect(otherMachines(h100Tables, h100, profiles)).toEqual([]);
    const others = otherMachines(h100Tables, a100, profiles);
    expect(others.map(({ id, rows }) => [id, rows])).toEqual(h100Tables.map(({ rows }) => ["h100-sxm", rows.length]));
    expect(() => refuseOtherMachines(h100Tables, a100, profiles)).toThrow(
      /rows of NVIDIA-H100-80GB-HBM3 are of h100-sxm/,
    );
    expect(auditTables(h100Tables, a100, { profiles }).notes[0]).toMatch(/taken as a100-80g-sxm$/);
  });

  it("takes the user's word for a profile of one's own, and for a label that no profile bears", () => {
    expect(otherMachines(h100Tables, { ...h100, id: "my-machine" }, profiles)).toEqual([]);
    expect(otherMachines([read("gpu,m,k,n,dtype,time_us", "toaster,1,2,3,bf16,4")], h100, profiles)).toEqual([]);
  });
});
