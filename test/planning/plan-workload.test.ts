import { describe, expect, it } from "vitest";
import type { WorkloadSection } from "../../src/planning/plan-file.ts";
import { planWorkloadOf } from "../../src/planning/plan-workload.ts";

const lengths = { input: 1000, output: 300 };

describe("planWorkloadOf", () => {
  it("reads requests by a rate, users, and a trace as it is or scaled to a rate", () => {
    expect(planWorkloadOf({ rate: "2/h", ...lengths })).toMatchObject({
      kind: "rate",
      arrivals: { kind: "poisson", requestsPerSecond: 2 / 3600 },
    });
    expect(planWorkloadOf({ rate: 5, burstiness: 0, ...lengths })).toMatchObject({ arrivals: { kind: "regular" } });
    expect(planWorkloadOf({ users: 16, ...lengths })).toMatchObject({ kind: "users", users: 16, sharedPrefix: 0 });
    expect(planWorkloadOf({ trace: "t.csv" })).toEqual({
      kind: "trace",
      path: "t.csv",
      requestsPerSecond: null,
      sharedPrefix: 0,
    });
    expect(planWorkloadOf({ trace: "t.csv", rate: "120/min", sharedPrefix: 0.5 })).toEqual({
      kind: "trace",
      path: "t.csv",
      requestsPerSecond: 2,
      sharedPrefix: 0.5,
    });
  });

  it.each<[WorkloadSection, string]>([
    [{}, "invalid workload: no requests (wants rate, users or trace)"],
    [lengths, "invalid workload: no requests"],
    [{ rate: 8, users: 4, ...lengths }, "invalid users: 4 (contradicts rate 8"],
    [{ rate: 8, output: 300 }, "invalid input: missing (wants tokens such as 1000"],
    [{ users: 8, input: 300 }, "invalid output: missing"],
    [{ rate: 0, ...lengths }, "invalid rate: 0 (wants a rate above 0"],
    [{ rate: -3, ...lengths }, "invalid rate: -3"],
    [{ rate: "1e400/s", ...lengths }, "invalid rate: 1e400/s"],
    [{ rate: Number.NaN, ...lengths }, "invalid rate: not a number"],
    [{ users: 0, ...lengths }, "invalid users: 0"],
    [{ users: 1.5, ...lengths }, "invalid users: 1.5"],
    [{ users: 4, burstiness: 2, ...lengths }, "invalid burstiness: 2 (contradicts users"],
    [{ rate: 8, burstiness: -1, ...lengths }, "invalid burstiness: -1"],
    [
      { rate: 8, sharedPrefix: 1, ...lengths },
      "invalid sharedPrefix: 1 (wants a share of the prompt from 0 up to but not 1",
    ],
    [{ rate: 8, sharedPrefix: -0.1, ...lengths }, "invalid sharedPrefix: -0.1"],
    [{ rate: 8, input: 0, output: 300 }, "invalid input: 0 (wants at least 1 token"],
    [{ rate: 8, input: 1000, output: 0.5 }, "invalid output: 0.5 (wants at least 1 token"],
    [{ rate: 8, input: { uniform: { from: 9, to: 3 } }, output: 1 }, "invalid input.uniform.to: 3"],
    [{ trace: "t.csv", input: 1000 }, "invalid input: 1000 (contradicts trace, which has its own)"],
    [{ trace: "t.csv", users: 4 }, "invalid users: 4 (contradicts trace"],
    [{ trace: "t.csv", burstiness: 1 }, "invalid burstiness: 1 (contradicts trace"],
    [{ trace: "t.csv", rate: 0 }, "invalid rate: 0"],
  ])("refuses %j", (section, message) => {
    expect(() => planWorkloadOf(section)).toThrow(message);
  });
});
