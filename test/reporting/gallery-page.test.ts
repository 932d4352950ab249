import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chartKinds } from "../../src/charts/chart-kinds.ts";
import { chartOfCommand } from "../../src/cli/chart-of-command.ts";
import { galleryPage } from "../../src/reporting/gallery-page.ts";

const reports = join(import.meta.dirname, "..", "..", "reports");
const { text, charts } = galleryPage();

/** Kinds of the reader's own machine, and the commands that draw them. */
const ownMachine = { "memory-mountain": "measure ceilings", "measured-by-context": "validate --here" };
const ofMeasurements: Readonly<Record<string, string>> = {
  "predicted-against-measured": "steps-predicted-against-measured",
  "prediction-error": "steps-prediction-error",
  "interval-coverage": "coverage",
  "error-by-size": "error-by-size",
  "formula-comparison": "comparison",
};

describe("the gallery", () => {
  it("shows every kind of chart, or names the command where it is of the reader's own machine", async () => {
    // What simulations and plans draw is held by the tests of their commands.
    const slow: Readonly<Record<string, string>> = {
      "gallery-plan": "plan-front",
      "gallery-plan-memory": "plan-memory",
      "gallery-simulate": "serving-timeline",
      "gallery-simulate-latency": "latency-distribution",
    };
    const shown = new Set<string>([...Object.keys(ownMachine), ...Object.keys(ofMeasurements)]);
    for (const { name, command } of charts) {
      shown.add(slow[name] ?? (await chartOfCommand(command)).usermeta.chart);
    }
    expect([...shown].sort()).toEqual(Object.keys(chartKinds).sort());
    for (const command of Object.values(ownMachine)) expect(text).toContain(`ridgepoint ${command}`);
  });

  it("links to pictures of measurements that are there", () => {
    for (const name of Object.values(ofMeasurements)) {
      for (const ending of [".light.svg", ".dark.svg", ".vl.json"]) {
        expect(text).toContain(`accuracy/${name}${ending}`);
        expect(existsSync(join(reports, "accuracy", `${name}${ending}`))).toBe(true);
      }
    }
  });
});
