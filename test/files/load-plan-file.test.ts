import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadPlanFile } from "../../src/files/load-plan-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("loadPlanFile", () => {
  it("reads YAML and JSON alike", async () => {
    const yaml = file("a.yaml", "model: llama-3.1-8b # chat\nworkload: { rate: 8/s, input: 100..2000, output: 300 }\n");
    const json = file(
      "a.json",
      '{"model": "llama-3.1-8b", "workload": {"rate": "8/s", "input": "100..2000", "output": 300}}',
    );
    expect(await loadPlanFile(yaml)).toEqual({
      model: "llama-3.1-8b",
      workload: { rate: "8/s", input: "100..2000", output: 300 },
    });
    expect(await loadPlanFile(json)).toEqual(await loadPlanFile(yaml));
  });

  it("takes paths from its own folder, and leaves names alone", async () => {
    const text =
      "config: model/config.json\nworkload: {trace: day.csv, rate: 3}\ncandidates: {hardware: [h100-sxm, ./mine.json, /abs/b.json]}\n";
    expect(await loadPlanFile(file("b.yaml", text))).toEqual({
      config: join(folder, "model/config.json"),
      workload: { trace: join(folder, "day.csv"), rate: 3 },
      candidates: { hardware: ["h100-sxm", join(folder, "mine.json"), "/abs/b.json"] },
    });
    const typed = file("c.yaml", "candidates: {hardware: 'h200, x/y.json'}\n");
    expect(await loadPlanFile(typed)).toEqual({ candidates: { hardware: ["h200", join(folder, "x/y.json")] } });
  });

  it.each([
    [
      "flow.yaml",
      "model: a\nworkload: {rate: 8\nprices: 1\n",
      /flow\.yaml: YAML syntax error at line \d, column \d+ \(/,
    ],
    ["brace.json", '{"model": "a",\n "workload": }', /JSON syntax error at line 2, column 14 \(wants a value\)/],
    [
      "key.yaml",
      "candidates: {hardwere: h200}\n",
      /^invalid candidates\.hardwere: h200 \(plan file has no such key; did you mean hardware\?\)$/,
    ],
    ["inf.yaml", "workload: {rate: .inf}\n", /^invalid workload\.rate: a number too large \(/],
    ["large.yaml", "workload: {rate: 1e400}\n", /^invalid workload\.rate: a number too large \(/],
    ["empty.yaml", "# nothing\n", /\(the plan file is empty\)$/],
  ])("%s is refused in one line", async (name, text, message) => {
    const failed = await loadPlanFile(file(name, text)).catch((error) => error);
    expect(failed).toMatchObject({ code: "INVALID_INPUT" });
    expect(failed.message).toMatch(message);
    expect(failed.message).not.toContain("\n");
  });
});
