import { describe, expect, it } from "vitest";
import { publishedSpeeds } from "../../src/analysis/published-decoding-speed.ts";
import { reportPlans } from "../../src/cli/report-plans.ts";
import { shippedCalibrations } from "../../src/files/load-calibration.ts";
import { mainJob } from "../../src/reporting/main-job.ts";
import { reportPages } from "../../src/reporting/report-pages.ts";
import { h100Tables, measuredH100 } from "../fixtures/measurements.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const measured = {
  tables: h100Tables,
  stated: hardwareProfile("h100-sxm"),
  measured: measuredH100(),
  calibrations: shippedCalibrations(),
};
/** One that nothing fits, and a small one; test/reporting/planning-page.test.ts has them all. */
const plans = (await reportPlans()).slice(-2);
const pages = reportPages({ model: modelProfile, hardware: hardwareProfile, measured, plans });
const page = (path: string) => {
  const found = pages.find((each) => each.path === path);
  if (found === undefined) throw new Error(`no page ${path}`);
  return found;
};

describe("the report's pages", () => {
  it("show every chart they list, each chart's name once", () => {
    const names = pages.flatMap((each) => each.charts.map((chart) => chart.name));
    expect(new Set(names).size).toBe(names.length);
    for (const each of pages) {
      for (const { name } of each.charts) {
        for (const ending of [".light.svg", ".dark.svg", ".csv", ".vl.json"]) {
          expect(each.text).toContain(`charts/${name}${ending}`);
        }
      }
      for (const { name } of each.tables) expect(each.text).toContain(`data/${name}`);
    }
  });

  it("hold no number that is none", () => {
    for (const each of pages) {
      for (const text of [each.text, ...each.tables.map((table) => table.text)]) {
        expect(text).not.toMatch(/NaN|Infinity|undefined|unknown|\[object/);
      }
    }
  });

  it("time the same step under each software, the ideal one shortest, and say what each adds", () => {
    const text = page("engines.md").text;
    const rows = (page("engines.md").tables[0]?.text ?? "")
      .trim()
      .split("\n")
      .slice(1)
      .map((row) => row.split(","));
    for (const model of ["llama-3.1-8b", "llama-3.1-70b"]) {
      const own = new Map(rows.filter((row) => row[0] === model).map((row) => [row[4], Number(row[5])]));
      expect([...own.keys()]).toEqual(["ideal", "pytorch-graph", "pytorch-eager", "trt-llm", "sglang", "vllm"]);
      for (const seconds of own.values()) expect(seconds).toBeGreaterThanOrEqual(own.get("ideal")!);
      expect(own.get("pytorch-eager")!).toBeGreaterThan(own.get("pytorch-graph")!);
    }
    for (const row of rows) {
      expect(Number(row[6])).toBeLessThan(Number(row[5]));
      expect(Number(row[7])).toBeGreaterThan(Number(row[5]));
    }
    expect(text).toContain("silicon_sample.csv");
  });

  it("say what a step that does not fit needs and has, and give it no time", () => {
    const line = page("README.md")
      .text.split("\n")
      .find((each) => each.includes("does not fit"));
    expect(line).toMatch(/\| does not fit \| - \| - \| - \| \d+ \| needs [\d.]+ [GT]B, has [\d.]+ GB \|/);
  });

  it("have a row for each machine, batch, context and attention of the main job", () => {
    const rows = page("README.md").tables[0]?.text.trim().split("\n") ?? [];
    const { hardware, batches, contexts, attentions } = mainJob;
    expect(rows).toHaveLength(1 + hardware.length * batches.length * contexts.length * attentions.length);
  });

  it("have every published time of the paper in its row", () => {
    const text = page("paper.md").text;
    for (const { attention, greedy, beam4 } of publishedSpeeds) {
      for (const micro of [greedy.decoderMicroseconds, beam4.decoderMicroseconds]) {
        expect(text).toMatch(new RegExp(`\\| ${attention} \\| bf16 \\|.*\\| ${micro} \\|`));
      }
    }
  });

  it("set an H100's attention calls beside the roofline: MQA's promise is the ratio of bytes, its time is not", () => {
    const text = page("paper.md").text;
    const cells = (row: RegExp): string[] => (row.exec(text)?.[0] ?? "").split("|").map((cell) => cell.trim());
    const batch1 = text.slice(text.indexOf("| 1 | 512 | 32 (MHA) |"));
    // Measured at batch 1, context 512: 8.937 µs with 32 K/V heads, 6.133 µs with one, which reads 262 kB: 1.4 % of 3.085 TB/s.
    expect(batch1.split("\n")[0]).toContain("| 8.9 |");
    const mqa =
      batch1
        .split("\n")[3]
        ?.split("|")
        .map((cell) => cell.trim()) ?? [];
    expect([mqa[3], mqa[4], mqa[7], mqa[10]]).toEqual(["1 (MQA)", "6.1", "1.5 ×", "1.4 %"]);
    expect(Number.parseFloat(mqa[8] ?? "")).toBeGreaterThan(25);
    expect(Number.parseFloat(mqa[9] ?? "")).toBeLessThan(2);
    // 13 steps, of which the first took 5.99 ms where the roofline says 4.03.
    expect(cells(/\| 7b-mha \(MHA\) \| 1 \| 512 \|.*/).slice(4, 7)).toEqual(["5.99", "4.03", "−32.7 %"]);
    expect(text.match(/^\| (7b-mha|llama3-8b) /gm)).toHaveLength(13);
    expect(text).toContain("Multi-query attention is not faster by itself");
  });

  it("leave out what there is nothing for: the section of measurements, the pages of engines and of plans", () => {
    const without = reportPages({ model: modelProfile, hardware: hardwareProfile, measured: null, plans: [] });
    expect(without.find(({ path }) => path === "paper.md")?.text).not.toContain("H100");
    expect(without.map(({ path }) => path)).toEqual(["README.md", "mha-mqa-gqa.md", "paper.md", "gallery.md"]);
    expect(without[0]?.text).not.toMatch(/engines\.md|planning\.md/);
    expect(pages[0]?.text).toMatch(/engines\.md[\s\S]*planning\.md/);
  });
});
