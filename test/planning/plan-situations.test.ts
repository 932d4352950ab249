/** Plans of real situations, as `ridgepoint plan --file examples/plans/NAME.yaml` makes them. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planSetup } from "../../src/cli/plan-setup.ts";
import { planFleet } from "../../src/planning/plan-report.ts";
import { type SimulatedFleet, simulateFleet } from "../../src/planning/simulated-fleet.ts";

const folder = new URL("../../examples/plans/", import.meta.url);
const files = readdirSync(folder).map((name) => name.replace(/\.yaml$/, ""));

/** DeepSeek-V3 is planned on what its file has, on H200s alone, and on one node of them. */
const situations: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ...files.map((file) => [file, file, {}] as const),
  ["deepseek-v3-nodes", "deepseek-v3", { hardware: "h200" }],
  ["deepseek-v3-node", "deepseek-v3", { hardware: "h200", devices: "8" }],
];

const planned = await Promise.all(
  situations.map(async ([name, file, options]) => {
    const setup = await planSetup({ file: new URL(`${file}.yaml`, folder).pathname, ...options });
    return { name, ...setup, ...planFleet(setup.question) };
  }),
);

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(3));
}

/** Enough for a percentile, few enough for a test. */
const requests = 2000;

describe("plans of real situations", () => {
  it("are the six that planning is for", () => {
    expect(files.sort()).toEqual(
      ["batch-summarising", "chat-8b", "code-completion", "deepseek-v3", "laptop", "rag-70b"].sort(),
    );
  });

  it("stay as they are, to three digits", async () => {
    const golden = planned.map(({ name, report: { best, nearestMiss } }) => [
      name,
      best === null
        ? { nearest: nearestMiss!.layout, fixes: nearestMiss!.fixes.map(({ change }) => change) }
        : {
            ...{ fleet: best.fleet, hardware: best.hardware, devices: best.devices, nodes: best.nodes },
            ...{ weights: best.weights, kvCache: best.kvCache, binding: best.binding },
            batch: rounded(best.batch),
            ttftSeconds: rounded(best.ttftSeconds),
            tpotSeconds: rounded(best.tpotSeconds),
            utilization: rounded(best.utilization),
            costPerHour: rounded(best.costPerHour),
            costPerMillionTokens: rounded(best.costPerMillionTokens),
          },
    ]);
    const text = `${JSON.stringify(Object.fromEntries(golden), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("golden/situations.json");
  });

  it.each(planned)("$name keeps its objectives and limits by its own figures, in every candidate", (of) => {
    const { objectives, limits } = of.question;
    for (const row of of.report.candidates) {
      expect(row.ttftSeconds).toBeLessThanOrEqual(objectives.ttftSeconds ?? Number.POSITIVE_INFINITY);
      expect(row.tpotSeconds).toBeLessThanOrEqual(objectives.tpotSeconds ?? Number.POSITIVE_INFINITY);
      expect(row.endToEndSeconds).toBeLessThanOrEqual(objectives.endToEndSeconds ?? Number.POSITIVE_INFINITY);
      expect(row.utilization).toBeLessThanOrEqual(limits.utilization);
      expect(row.devices).toBeLessThanOrEqual(limits.fleetDevices ?? Number.POSITIVE_INFINITY);
      const { capacityBytes, ...parts } = row.memory;
      expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(capacityBytes, 0);
    }
  });

  it.each(planned.filter(({ report }) => report.best !== null))(
    "$name keeps its objectives in the simulation or says which it misses, loses no request, and is the same again",
    (of) => {
      const { question, search, simulation } = of;
      const { objectives } = question;
      const run = (): SimulatedFleet => simulateFleet(search.candidates[0]!, question, { ...simulation, requests });
      const simulated = run();
      const missed = [
        ...(simulated.ttftSeconds > (objectives.ttftSeconds ?? Number.POSITIVE_INFINITY) ? ["TTFT"] : []),
        ...(simulated.tpotSeconds > (objectives.tpotSeconds ?? Number.POSITIVE_INFINITY) ? ["TPOT"] : []),
        ...(simulated.endToEndSeconds > (objectives.endToEndSeconds ?? Number.POSITIVE_INFINITY) ? ["end to end"] : []),
      ];
      expect(simulated.misses).toEqual(missed);
      const { arrived, completed, rejected } = simulated.result.requests;
      expect(arrived).toBe(requests);
      expect(completed + rejected).toBe(arrived);
      expect(rejected / arrived).toBeLessThan(0.001);
      expect(run().result.ttftSeconds.quantile(0.5)).toBe(simulated.result.ttftSeconds.quantile(0.5));
      expect(run().tpotSeconds).toBe(simulated.tpotSeconds);
    },
  );
});
