/** docs/plan-file.md shows a file that is read, and names every field that a plan file has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parsePlanFile, planFileSchema } from "../../src/planning/plan-request-schema.ts";
import { lengthsOf, parseLengths } from "../../src/serving/parse-lengths.ts";
import { traceColumnsOf } from "../../src/serving/trace-columns.ts";

const document = readFileSync(join(import.meta.dirname, "..", "..", "docs", "plan-file.md"), "utf8");
const example: Record<string, unknown> = parse(/```yaml\n([\s\S]*?)```/.exec(document)?.[1] ?? "");

interface ObjectSchema {
  readonly properties: Readonly<Record<string, ObjectSchema | undefined>>;
}
const schema = z.toJSONSchema(planFileSchema, { io: "input" }) as unknown as ObjectSchema;
const sections = ["workload", "objectives", "candidates", "limits", "simulate"];

describe("docs/plan-file.md", () => {
  it("shows a file that is a whole question", () => {
    const { workload, objectives, candidates } = parsePlanFile(example);
    expect(workload).toMatchObject({ kind: "rate", input: { largest: 14_000 }, output: { largest: 1000 } });
    expect(objectives).toEqual({ ttftSeconds: 0.5, tpotSeconds: 0.04, endToEndSeconds: 30, share: 0.95 });
    expect(candidates.tensorParallel).toEqual([1, 2, 4, 8]);
  });

  it("has each field in its example, but for those that contradict it, and in its table", () => {
    const contradicting = ["config", "users", "trace"];
    for (const name of Object.keys(schema.properties)) {
      if (!sections.includes(name)) expect(document, name).toContain(`| \`${name}\``.replace("| `config`", "`config`"));
      if (!contradicting.includes(name)) expect(example, name).toHaveProperty(name);
    }
    for (const section of sections) {
      for (const name of Object.keys(schema.properties[section]!.properties)) {
        expect(document, name).toContain(`\`${section}.${name}\``);
        if (!contradicting.includes(name)) expect(example[section], name).toHaveProperty(name);
      }
    }
  });

  it("lists lengths whose texts and objects are read as the same", () => {
    const rows = /## Lengths\n\n([\s\S]*?)\n\n/.exec(document)![1]!.split("\n").slice(2);
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      const [, texts = "", object = ""] = row.split("|").map((cell) => cell.trim());
      const read = [...texts.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => parseLengths("input", text).text);
      expect(read.length, row).toBeGreaterThan(0);
      if (object !== "") expect(read).toContain(lengthsOf("input", parse(object.replaceAll("`", ""))).text);
    }
  });

  it("lists names of a trace's columns that are known", () => {
    const named = (column: string): string[] => {
      const row = document.split("\n").find((line) => line.startsWith(`| ${column} |`))!;
      return [...row.split("|")[2]!.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    };
    const [arrivals, inputs, outputs] = [named("arrival"), named("input"), named("output")];
    expect([arrivals.length, inputs.length, outputs.length]).toEqual([7, 9, 8]);
    for (const name of arrivals) expect(traceColumnsOf([name, "input", "output"], "t").arrival).toBe(0);
    for (const name of inputs) expect(traceColumnsOf(["arrival", name, "output"], "t").input).toBe(1);
    for (const name of outputs) expect(traceColumnsOf(["arrival", "input", name], "t").output).toBe(2);
  });
});
