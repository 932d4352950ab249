import { describe, expect, it } from "vitest";
import { publishedSpeeds } from "../../src/analysis/published-decoding-speed.ts";
import { mainJob } from "../../src/reporting/main-job.ts";
import { reportPages } from "../../src/reporting/report-pages.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const pages = reportPages({ model: modelProfile, hardware: hardwareProfile, measured: null });
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
});
