import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addPlanOptions, planFileOf } from "../../src/cli/plan-options.ts";
import { readPlanFile } from "../../src/planning/plan-request-schema.ts";

/** What a command line says, as the content of a plan file. */
function read(line: string): ReturnType<typeof planFileOf> {
  const command = addPlanOptions(new Command("plan").exitOverride())
    .option("--simulate <n>")
    .option("--requests <n>")
    .option("--seed <n>");
  command.parse(line.split(" ").filter(Boolean), { from: "user" });
  return planFileOf(command.opts());
}

describe("planFileOf", () => {
  it("says nothing where nothing was typed", () => {
    expect(read("")).toEqual({});
  });

  it("has each option at the place of a plan file, which takes it", () => {
    const file = read(
      "--model m --rate 8/s --input 1000 --output 300 --burstiness 2 --shared-prefix 0.2 --ttft 500ms --tpot 40ms " +
        "--end-to-end 30s --percentile 99 --weights fp8,int4 --kv-cache fp8 --speculative 4:0.75:llama-3.2-1b " +
        "--max-sequences 256 --step-tokens 2048 --memory-share 0.8 --devices-per-node 8 --node-link 400Gb/s --engine vllm " +
        "--hardware h100-sxm,h200 --devices 64 --tensor-parallel 1..8*2 --pipeline-parallel 1,2 --expert-parallel 1 " +
        "--replicas 1..4 --separate-prefill never --price h100-sxm=2.5 --price h200=3 --owned h100-sxm=16,h200=8 --power 50kW " +
        "--cost-per-hour 150 --utilization 0.8 --what-if kv-heads=1 --what-if kv-cache=int8 --simulate 0 --requests 500 --seed 7",
    );
    expect(file).toEqual({
      model: "m",
      workload: { rate: "8/s", input: "1000", output: "300", burstiness: 2, sharedPrefix: 0.2 },
      objectives: { ttft: "500ms", tpot: "40ms", endToEnd: "30s", percentile: 99 },
      candidates: {
        ...{ hardware: "h100-sxm,h200", devices: "64", weights: "fp8,int4", kvCache: "fp8", engine: "vllm" },
        ...{ tensorParallel: "1..8*2", pipelineParallel: "1,2", expertParallel: "1", replicas: "1..4" },
        ...{ separatePrefill: "never", maxSequences: 256, stepTokens: 2048 },
        speculative: { tokens: 4, acceptance: 0.75, draft: "llama-3.2-1b" },
      },
      prices: { "h100-sxm": "2.5", h200: "3" },
      limits: {
        ...{ power: "50kW", costPerHour: "150", nodeLink: "400Gb/s", devicesPerNode: 8, memoryShare: 0.8 },
        ...{ utilization: 0.8, owned: { "h100-sxm": 16, h200: 8 } },
      },
      whatIf: ["kv-heads=1", "kv-cache=int8"],
      simulate: { requests: 500, seed: 7, best: 0 },
    });
    expect(readPlanFile(file)).toEqual(file);
  });

  it("reads users, traces and configurations, and drafts without a model of their own", () => {
    expect(read("--config c.json --users 64")).toEqual({ config: "c.json", workload: { users: 64 } });
    expect(read("--trace day.csv --speculative 3:0.7")).toEqual({
      workload: { trace: "day.csv" },
      candidates: { speculative: { tokens: 3, acceptance: 0.7 } },
    });
  });

  it.each([
    ["--users x", "invalid users: x (wants a number)"],
    ["--seed 1e400", "invalid seed: 1e400 (wants a number)"],
    ["--percentile NaN", "invalid percentile: NaN (wants a number)"],
    ["--separate-prefill maybe", "invalid separatePrefill: maybe (wants auto, never or always)"],
    ["--speculative 3", "invalid speculative: 3 (wants TOKENS:ACCEPTANCE[:MODEL], such as 3:0.7)"],
    ["--speculative a:b", "invalid speculative: a:b (wants TOKENS:ACCEPTANCE"],
    ["--price h100-sxm", "invalid price: h100-sxm (wants a device and a figure, such as h100-sxm=2.50)"],
    ["--price h100-sxm=", "invalid price: h100-sxm= (wants a device and a figure"],
    ["--owned h100-sxm", "invalid owned: h100-sxm (wants a device and a figure, such as h100-sxm=8)"],
    ["--owned h100-sxm=0", "invalid owned h100-sxm: 0 (wants a positive whole number)"],
    ["--owned h100-sxm=1.5", "invalid owned h100-sxm: 1.5 (wants a positive whole number)"],
  ])("refuses %s", (line, message) => {
    expect(() => read(line)).toThrow(message);
  });
});
