import { expect, test } from "vitest";
import { publishedRunsSection } from "../../src/reporting/published-runs-section.ts";
import { scorePublishedRuns } from "../../src/validation/published-runs.ts";
import { engineRow, shippedProfiles } from "../fixtures/engine-rows.ts";

const decode = {
  engine: "llama.cpp",
  model: "Llama-2-7B",
  precision: "q4_0",
  concurrency: 1,
  isl: 0,
  osl: 128,
  stat: "decode",
};

/** Rates of four chips, and a row that names none. */
const rows = [
  engineRow({ ...decode, hardware: "Apple M1", value: 14 }),
  engineRow({ ...decode, hardware: "Apple M2", value: 22 }),
  engineRow({ ...decode, hardware: "Apple M1 Max", value: 60 }),
  engineRow({ ...decode, hardware: "Apple M2 Max", value: 66 }),
  engineRow({ ...decode, hardware: "Ryzen <9> [GPU]", value: 5 }),
];

test("errors, halves, constants and what is left out, as tables", () => {
  const text = publishedRunsSection(scorePublishedRuns(rows, shippedProfiles));
  const cells = (start: string): string[] => {
    const line = text.split("\n").find((each) => each.startsWith(start)) ?? "";
    return line.split("|").map((cell) => cell.trim());
  };
  expect(cells("| llama.cpp, Metal | 4 |").slice(1, 3)).toEqual(["llama.cpp, Metal", "4"]);
  expect(cells("| llama.cpp, Metal | apple-m1, apple-m1-max |")[3]).toBe("2");
  expect(cells("| llama.cpp, Metal | startSeconds |")[6]).toMatch(/^[\d.]+ µs/);
  expect(cells("| llama.cpp, Metal | bandwidthEfficiency |")[6]).toMatch(/^[01](\.\d+)?( \(at its bound\))?$/);
  expect(cells("| 1 |")[2]).toBe("the label names no one machine");
  expect(text).not.toContain("NaN");
});

test("of engines that nothing was held out of, the constants alone", () => {
  const text = publishedRunsSection(scorePublishedRuns(rows.slice(0, 1), shippedProfiles));
  expect(text).not.toContain("| llama.cpp, Metal | 1 |");
  expect(text).toContain("| llama.cpp, Metal | startSeconds |");
});
