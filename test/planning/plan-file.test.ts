import { describe, expect, it } from "vitest";
import { layOverPlanFile } from "../../src/planning/plan-file.ts";

describe("layOverPlanFile", () => {
  it("takes what was typed, and of the file what was not", () => {
    const file = {
      model: "llama-3.1-8b",
      workload: { rate: 8, input: 1000, output: 300, sharedPrefix: 0.2 },
      objectives: { ttft: "500ms", tpot: "40ms" },
      prices: { "h100-sxm": 2.5, h200: 3 },
    };
    const typed = {
      workload: { rate: "20/s" },
      objectives: { tpot: "20ms", percentile: 99 },
      prices: { h200: 4 },
      limits: { power: "50 kW" },
    };
    expect(layOverPlanFile(file, typed)).toEqual({
      model: "llama-3.1-8b",
      workload: { rate: "20/s", input: 1000, output: 300, sharedPrefix: 0.2 },
      objectives: { ttft: "500ms", tpot: "20ms", percentile: 99 },
      prices: { "h100-sxm": 2.5, h200: 4 },
      limits: { power: "50 kW" },
    });
    expect(layOverPlanFile(file, {})).toEqual(file);
    expect(layOverPlanFile({}, typed)).toEqual(typed);
  });

  it("replaces the other way to say the same: model and config, rate and users, trace and lengths", () => {
    expect(layOverPlanFile({ model: "a" }, { config: "b.json" })).toEqual({ config: "b.json" });
    const workload = (file: object, typed: object) => layOverPlanFile({ workload: file }, { workload: typed }).workload;
    expect(workload({ users: 4, input: 5 }, { rate: 8 })).toEqual({ rate: 8, input: 5 });
    expect(workload({ rate: 8, burstiness: 2, input: 5 }, { users: 4 })).toEqual({ users: 4, input: 5 });
    expect(workload({ rate: 8, input: 5, output: 6, sharedPrefix: 0.1 }, { trace: "t.csv" })).toEqual({
      trace: "t.csv",
      sharedPrefix: 0.1,
    });
    expect(workload({ trace: "t.csv" }, { rate: 8 })).toEqual({ trace: "t.csv", rate: 8 });
    expect(workload({ trace: "t.csv", rate: 8 }, { input: 5, output: 6 })).toEqual({ rate: 8, input: 5, output: 6 });
  });
});
