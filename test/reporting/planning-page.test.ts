import { describe, expect, it } from "vitest";
import { reportPlans } from "../../src/cli/report-plans.ts";
import { formatSeconds } from "../../src/quantity/format-quantity.ts";
import { planFilePath, planSituations } from "../../src/reporting/plan-situations.ts";
import { plannedSection } from "../../src/reporting/planned-section.ts";
import { type PlannedSituation, plannedSituation } from "../../src/reporting/planned-situation.ts";
import { dollarsText, percentileText, reliefTable, timesTable } from "../../src/reporting/planned-tables.ts";
import { pageOfPlans, planningPage } from "../../src/reporting/planning-page.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const plans = await reportPlans();
const planned: readonly PlannedSituation[] = plans.map(plannedSituation);
const page = pageOfPlans(planned);
const fitting = planned.filter(({ report }) => report.best !== null);
const rowsOf = (csv: string): string[][] =>
  csv
    .trim()
    .split("\n")
    .map((line) => line.split(","));

describe("the page of plans", () => {
  it("answers each situation under a heading of its own, which the table at the top leads to", () => {
    expect(plans.map(({ situation }) => situation.id)).toEqual(planSituations.map(({ id }) => id));
    for (const situation of planSituations) {
      expect(page.text).toContain(`\n## ${situation.title}\n`);
      expect(page.text).toContain(`ridgepoint plan --file ${planFilePath(situation)}`);
    }
    const anchors = [...page.text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    const headings = [...page.text.matchAll(/^## (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors).toHaveLength(planSituations.length);
    for (const anchor of anchors) expect(headings).toContain(anchor);
  });

  it("shows the best fleet, its times in closed form and simulated, and what binds it", () => {
    for (const situation of fitting) {
      const { report, simulated } = situation;
      const text = plannedSection(situation);
      expect(text).toContain(`**${report.best!.fleet}** on ${report.best!.hardware}: `);
      expect(timesTable(situation)).toContain(` ${formatSeconds(report.best!.tpotSeconds)} |`);
      expect(timesTable(situation)).toContain(` ${formatSeconds(simulated!.tpotSeconds)} |`);
      expect(text).toContain(report.best!.bindingText);
      for (const miss of simulated!.misses) expect(text).toContain(`misses ${miss}`);
    }
  });

  it("says of the one that nothing fits what comes nearest and what would help, and draws nothing", () => {
    const missed = planned.filter(({ report }) => report.best === null);
    expect(missed.map(({ situation }) => situation.id)).toEqual(["deepseek-v3-overload"]);
    const text = plannedSection(missed[0]!);
    expect(text).toContain(missed[0]!.report.nearestMiss!.reason);
    for (const { change } of missed[0]!.report.nearestMiss!.fixes) expect(text).toContain(`- with ${change}: `);
    expect(text).not.toContain("<picture>");
    expect(page.charts).toHaveLength(2 * fitting.length);
  });

  it("shows each of its charts once, and holds no number that is none", () => {
    const names = page.charts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(page.text.split(`src="charts/${name}.light.svg"`)).toHaveLength(2);
    for (const text of [page.text, page.tables[0]!.text])
      expect(text).not.toMatch(/NaN|Infinity|undefined|unknown|\[object/);
  });

  it("has every fleet that holds in its table, best first", () => {
    const [columns, ...rows] = rowsOf(page.tables[0]!.text);
    expect(rows).toHaveLength(planned.reduce((sum, { report }) => sum + report.candidates.length, 0));
    const at = columns!.indexOf("fleet");
    for (const { situation, report } of fitting)
      expect(rows.find(([id]) => id === situation.id)?.[at]).toBe(report.best!.fleet);
  });

  it("tells in money that multi-head attention costs more than grouped heads and multi-query no more, at 70B", () => {
    const money = page.text.slice(page.text.indexOf("## What keys and values cost"));
    for (const { changes } of fitting.filter(({ question }) => question.model.id === "llama-3.1-70b")) {
      const [asIs, mha, mqa] = changes.map(({ costPerHour }) => costPerHour!);
      expect(mha!).toBeGreaterThan(asIs!);
      expect(mqa!).toBeLessThanOrEqual(asIs!);
      expect(money).toMatch(new RegExp(`\\| ${asIs!.toFixed(2)} \\(GQA 64/8\\) \\| ${mha!.toFixed(2)}, [\\d.]+×`));
    }
    expect(money).toContain("MQA against GQA-8, T5-XXL: 46.6 against 47.1");
  });

  it("is left out where there are no plan files", () => {
    expect(planningPage({ model: modelProfile, hardware: hardwareProfile, measured: null, plans: [] })).toBeNull();
  });
});

describe("its tables", () => {
  it("write percentiles and money in short, a dash where there is none", () => {
    const objectives = { ttftSeconds: null, tpotSeconds: null, endToEndSeconds: null };
    expect(percentileText({ ...objectives, share: 0.95 })).toBe("p95");
    expect(percentileText({ ...objectives, share: 0.999 })).toBe("p99.9");
    expect([dollarsText(1.5), dollarsText(0), dollarsText(null)]).toEqual(["1.50", "0.00", "–"]);
  });

  it("say in a sentence where a quarter more of anything spares no device, and list what it buys where it does", () => {
    const [first] = fitting;
    const { report } = first!;
    const relief = (devices: number, moreLoadPerDevice: number): string =>
      reliefTable({
        ...first!,
        report: {
          ...report,
          reliefs: [{ what: "link", change: "+25 %", devices, costPerHour: 2, moreLoadPerDevice }],
        },
      });
    const { devices } = report.best!;
    expect(relief(devices, 0.004)).toBe("A quarter more of one thing alone (link) would spare no device.\n");
    expect(relief(devices, 0.006)).toContain(`| link | +1 % | ${devices}, as now | 2.00 |`);
    expect(relief(devices - 1, 0)).toContain(`| link | – | ${devices - 1} | 2.00 |`);
  });
});
