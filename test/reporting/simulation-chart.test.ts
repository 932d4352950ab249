import { describe, expect, it } from "vitest";
import { fixedFleet } from "../../src/planning/fixed-fleet.ts";
import { simulateFleet } from "../../src/planning/simulated-fleet.ts";
import { simulationChart } from "../../src/reporting/simulation-chart.ts";
import { planMachine, planQuestion } from "../fixtures/plan-question.ts";

const question = planQuestion();
const fleet = fixedFleet(question, planMachine("h100-sxm"), 1);
if (typeof fleet === "string") throw new Error(fleet);
const run = simulateFleet(fleet.candidate, question, {
  ...{ arrivals: { kind: "poisson", requestsPerSecond: 8 }, trace: null },
  ...{ requests: 4000, seed: 1, contextLimit: null },
});
const drawing = { question, fleet: "1 × (TP 1)", hardware: "h100-sxm", run };

describe("a simulation's charts", () => {
  it("draw how long requests take from none to all of them, each share at no less than the one before", () => {
    const rows = simulationChart(drawing, "latency").data.values as unknown as {
      readonly series: string;
      readonly seconds: number;
      readonly percent: number;
    }[];
    const most = { TTFT: run.result.ttftSeconds.max, TPOT: run.result.tpotSeconds.max };
    for (const [name, max] of Object.entries(most)) {
      const own = rows.filter(({ series }) => series === name);
      expect([own[0]?.percent, own.at(-1)?.percent, own.at(-1)?.seconds]).toEqual([0, 100, max]);
      expect(own[0]?.seconds).toBe(own[1]?.seconds);
      const times = own.map(({ seconds }) => seconds);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    const at = rows.find(({ series, percent }) => series === "TPOT" && percent === 95);
    expect(at?.seconds).toBe(run.result.tpotSeconds.quantile(0.95));
  });

  it("draw its course in at most 300 points, the first of them the run's first", () => {
    const rows = simulationChart(drawing, "timeline").data.values;
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.length).toBeLessThanOrEqual(300);
    expect(rows[0]?.["seconds"]).toBe(run.result.series[0]?.seconds);
  });

  it("name the fleet, the machine and the load", () => {
    for (const kind of ["latency", "timeline"] as const) {
      const { title } = simulationChart(drawing, kind);
      expect(title.text.join(" ")).toContain("Llama 3.1 8B");
      expect(title.subtitle.join(" ")).toContain("1 × (TP 1) on h100-sxm; 8 requests/s, prompt 1000 tokens");
    }
  });
});
