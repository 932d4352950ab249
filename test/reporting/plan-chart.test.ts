import { describe, expect, it } from "vitest";
import type { ChartSpec } from "../../src/charts/chart-spec.ts";
import type { PlanMachine } from "../../src/planning/plan-question.ts";
import { planFleet } from "../../src/planning/plan-report.ts";
import { simulateFleet } from "../../src/planning/simulated-fleet.ts";
import { planChart } from "../../src/reporting/plan-chart.ts";
import { planMachine, planQuestion } from "../fixtures/plan-question.ts";

const machines = ["h100-sxm", "l40s", "mi300x"].map((id) => planMachine(id));
const question = planQuestion({ machines });
const { report, search } = planFleet(question);
const best = report.best!;
const drawing = { question, report, simulated: [] };

interface Point {
  readonly series: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly onFront: boolean;
  readonly best: boolean;
}
const pointsOf = (spec: ChartSpec): Point[] => spec.data.values as unknown as Point[];

describe("the front of a plan", () => {
  it("rings the best fleet as it stands: its own TPOT, cost and name", () => {
    const ringed = pointsOf(planChart(drawing, "cost")).filter((point) => point.best);
    expect(ringed).toHaveLength(1);
    expect(ringed[0]).toMatchObject({
      ...{ series: best.hardware, label: best.fleet },
      ...{ x: best.tpotSeconds, y: best.costPerMillionTokens },
    });
    const output = pointsOf(planChart(drawing, "throughput")).find((point) => point.best);
    expect(output?.y).toBeCloseTo(best.tokensPerSecond / best.devices, 9);
  });

  it.each(["cost", "throughput"] as const)("of %s draws of each device what no other plan of it beats", (kind) => {
    const points = pointsOf(planChart(drawing, kind));
    expect(new Set(points.map(({ series }) => series)).size).toBe(3);
    for (const { hardware } of machines) {
      const own = points.filter(({ series, best: isBest }) => series === hardware.id && !isBest);
      own.sort((a, b) => a.x - b.x);
      own.forEach((point, i) => {
        const before = own[i - 1];
        if (before !== undefined) expect(kind === "cost" ? point.y < before.y : point.y > before.y).toBe(true);
      });
    }
  });

  it("joins what no plan at all beats, and nothing else", () => {
    const points = pointsOf(planChart(drawing, "cost"));
    for (const point of points) {
      const isBeaten = points.some((other) => other !== point && other.x <= point.x && other.y <= point.y);
      expect(point.onFront, `${point.label} on ${point.series}`).toBe(!isBeaten);
    }
  });

  it("is of throughput where no device has a price", () => {
    const unpriced: PlanMachine[] = machines.map((machine) => ({ ...machine, pricePerHour: null }));
    const other = planQuestion({ machines: unpriced });
    const chart = planChart({ question: other, report: planFleet(other).report, simulated: [] }, "cost");
    expect(chart.title.text.join(" ")).toContain("throughput against time an output token");
  });
});

describe("the memory of a plan", () => {
  it("has a bar for each of the best eight fleets, whose parts fill the device", () => {
    const rows = planChart(drawing, "memory").data.values as unknown as { label: string; bytes: number }[];
    const bars = new Map<string, number>();
    for (const { label, bytes } of rows) bars.set(label, (bars.get(label) ?? 0) + bytes);
    expect(bars.size).toBe(Math.min(8, report.candidates.length));
    expect([...bars.keys()][0]).toBe(`${best.hardware}: ${best.fleet}`);
    expect([...bars.values()][0]).toBeCloseTo(best.memory.capacityBytes, 0);
  });
});

describe("the simulation of a plan", () => {
  it("is drawn of the best fleet, and refused where none was made", () => {
    const simulation = { arrivals: { kind: "poisson", requestsPerSecond: 8 } as const, trace: null };
    const run = simulateFleet(search.candidates[0]!, question, {
      ...simulation,
      ...{ requests: 300, seed: 1, contextLimit: null },
    });
    const chart = planChart({ ...drawing, simulated: [run] }, "latency");
    expect(chart.title.subtitle.join(" ")).toContain(`${best.fleet} on ${best.hardware}; 8 requests/s`);
    for (const kind of ["latency", "timeline"] as const) {
      expect(() => planChart(drawing, kind)).toThrow(`invalid chartKind: ${kind} (is of a simulation`);
    }
  });
});
