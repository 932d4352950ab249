import { describe, expect, it } from "vitest";
import { parsePlanFile, readPlanFile } from "../../src/planning/plan-request-schema.ts";

const least = { model: "llama-3.1-8b", workload: { rate: 8, input: 1000, output: 300 } };

describe("parsePlanFile", () => {
  it("reads the least that is a question", () => {
    expect(parsePlanFile(least)).toMatchObject({
      model: { id: "llama-3.1-8b" },
      workload: { arrivals: { requestsPerSecond: 8 } },
    });
  });

  it("reads lengths in each of their forms", () => {
    const text = (input: unknown): string => {
      const { workload } = parsePlanFile({ ...least, workload: { ...least.workload, input } });
      return workload.kind === "rate" ? workload.input.text : workload.kind;
    };
    expect(text(1000)).toBe("1000 tokens");
    expect(text("1000")).toBe("1000 tokens");
    expect(text("lognormal:1155:1109")).toBe("lognormal, mean 1155, deviation 1109");
    expect(text({ lognormal: { mean: 1155, deviation: 1109, largest: 8000 } })).toContain("at most 8000");
    expect(text({ uniform: { from: 1, to: 9 } })).toBe("uniform, 1 to 9 tokens");
    expect(text({ exponential: { mean: 300 } })).toBe("exponential, mean 300");
    expect(text({ quantiles: { p50: 800, "p99.9": 4000, max: 8000 } })).toBe(
      "quantiles p50 800, p99.9 4000, at most 8000",
    );
  });

  it.each<[object, string]>([
    [{ modl: 1 }, "invalid modl: 1 (plan file has no such key; did you mean model?)"],
    [
      { workload: { ...least.workload, burstines: 2 } },
      "invalid workload.burstines: 2 (plan file has no such key; did you mean burstiness?)",
    ],
    [{ objectives: { TTFT: 1 } }, "did you mean ttft?"],
    [{ objectives: { "end-to-end": 1 } }, "did you mean endToEnd?"],
    [{ candidates: { kv_cache: "fp8" } }, "did you mean kvCache?"],
    [{ candidates: { speculative: { token: 4, acceptance: 0.5 } } }, "did you mean tokens?"],
    [{ limits: { owned: { h200: { count: 4, regoin: "eu" } } } }, "did you mean region?"],
    [{ simulate: { sed: 4 } }, "did you mean seed?"],
    [{ zzzzzzzz: 4 }, "plan file has no such key; knows model, config, workload"],
    [{ workload: { rate: 8, input: { lognormall: { mean: 5 } }, output: 1 } }, "did you mean lognormal?"],
    [
      { workload: { rate: 8, input: { lognormal: { mean: 5 } }, output: 1 } },
      "invalid workload.input.lognormal.deviation: missing",
    ],
    [
      { workload: { rate: 8, input: { lognormal: { mean: 0, deviation: 1 } }, output: 1 } },
      "invalid workload.input.lognormal.mean: 0 (plan file wants at least 1)",
    ],
    [{ workload: { rate: 8, input: { quantiles: { median: 5 } }, output: 1 } }, "median"],
    [{ workload: { rate: 8, input: {}, output: 1 } }, "wants one of lognormal, uniform, exponential and quantiles"],
    [{ workload: { rate: [8], input: 1, output: 1 } }, "invalid workload.rate: [8] (plan file wants a number or text)"],
    [{ workload: { rate: Number.NaN, input: 1, output: 1 } }, "invalid workload.rate: not a number"],
    [{ candidates: { engine: "vlllm" } }, "did you mean vllm?"],
    [{ candidates: { separatePrefill: "sometimes" } }, "invalid candidates.separatePrefill: sometimes"],
    [{ candidates: { devices: -1 } }, "invalid candidates.devices: -1"],
    [{ prices: { h200: 0 } }, "invalid prices.h200: 0"],
    [{ prices: { h200: [1] } }, "invalid prices.h200: [1] (plan file wants a number or text)"],
    [{ objectives: { ttft: 2, endToEnd: 1 } }, "contradicts ttft 2 s"],
    [{ simulate: { requests: 1.5 } }, "invalid simulate.requests: 1.5"],
    [JSON.parse('{"__proto__": {"a": 1}}'), "must not have a key named __proto__"],
  ])("refuses %j in one line", (change, message) => {
    const parse = () => parsePlanFile(Object.hasOwn(change, "__proto__") ? change : { ...least, ...change });
    expect(parse).toThrow(message);
    expect(parse).toThrow(/^invalid [^\n]*$/);
  });

  it("refuses what is no object, and reads a file without a workload for options to be laid over", () => {
    expect(() => readPlanFile([1])).toThrow("invalid plan file: [1] (plan file wants an object)");
    expect(readPlanFile({ objectives: { ttft: "1s" } })).toEqual({ objectives: { ttft: "1s" } });
    expect(() => parsePlanFile({ objectives: { ttft: "1s" } })).toThrow("invalid model: missing");
  });
});
