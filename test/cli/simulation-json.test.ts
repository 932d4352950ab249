import { describe, expect, it } from "vitest";
import { simulationJson } from "../../src/cli/simulation-json.ts";
import { simulateServing } from "../../src/serving/simulation.ts";
import { replica, streamOf } from "../fixtures/simulated-fleet.ts";

describe("simulationJson", () => {
  it("keeps every figure, leaves the series and functions out, and is what JSON gives back", () => {
    const result = simulateServing({
      ...{ replica: replica(), replicas: 1, balancer: "round-robin" },
      load: {
        kind: "open",
        requests: streamOf([
          [0, 100, 11],
          [1, 100, 11],
          [2, 50, 1],
        ]),
      },
    });
    const json = simulationJson(result);
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    const { count, mean, p50, p90, p95, p99, max } = result.ttftSeconds;
    expect(json.ttftSeconds).toEqual({ count, mean, p50, p90, p95, p99, max });
    expect(json.ttftSeconds.count).toBe(3);
    expect(json.tpotSeconds.count).toBe(2);
    expect(json.requests).toEqual({ arrived: 3, completed: 3, rejected: 0, preempted: 0 });
    const { series, ...rest } = result;
    expect(series.length).toBeGreaterThan(0);
    expect(Object.keys(json).sort()).toEqual(Object.keys(rest).sort());
  });
});
