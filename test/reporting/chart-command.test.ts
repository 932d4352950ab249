import { describe, expect, it } from "vitest";
import { commandLine, parsedOptions } from "../../src/reporting/chart-command.ts";

describe("a chart's command", () => {
  it("is the line that a person types, with what a shell expands in quotes", () => {
    const command = { words: ["chart", "time-by-context"], options: { model: "llama-2-7b", context: "512..4096*2" } };
    expect(commandLine(command, "a.svg")).toBe(
      "ridgepoint chart time-by-context --model llama-2-7b --context '512..4096*2' --out a.svg",
    );
  });

  it("draws with --chart where the command prints a table first", () => {
    expect(commandLine({ words: ["generate"], options: { input: "10" } }, "a.svg")).toBe(
      "ridgepoint generate --input 10 --chart a.svg",
    );
    expect(commandLine({ words: ["plan"], options: { file: "a.yaml" } }, "a.svg")).toBe(
      "ridgepoint plan --file a.yaml --chart a.svg",
    );
  });

  it("has the names that the parser gives its options", () => {
    expect(parsedOptions({ words: [], options: { "tensor-parallel": "8", batch: "1" } })).toEqual({
      tensorParallel: "8",
      batch: "1",
    });
  });
});
