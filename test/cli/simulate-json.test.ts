import { describe, expect, it } from "vitest";
import { simulate } from "../../src/cli/commands/simulate.ts";
import { simulateOutputSchema } from "../../src/cli/schemas/simulate-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

const lengths = "--input 200 --output 20 --requests 500";

describe("simulate --json", () => {
  it.each([
    ["requests at a rate", `--model llama-3.1-8b --rate 2/s ${lengths}`],
    ["users", `--model llama-3.1-8b --users 8 ${lengths}`],
    ["objectives that are missed", `--model llama-3.1-8b --rate 2/s ${lengths} --tpot 1ms --ttft 1ms --end-to-end 5ms`],
    ["more requests than are served", `--model llama-3.1-8b --rate 1000/s ${lengths} --queue-limit 100`],
    [
      "one output token, which has no time of an output token",
      "--model llama-3.1-8b --rate 2/s --input 200 --output 1 --requests 50",
    ],
    [
      "stages and experts",
      `--model deepseek-v3 --hardware h200 --tensor-parallel 8 --pipeline-parallel 2 --rate 1/s ${lengths}`,
    ],
    ["drafts", `--model llama-3.1-8b --speculative 3:0.7 --rate 2/s ${lengths}`],
    ["a plain roofline without an engine", `--model llama-3.1-8b --engine ideal --rate 2/s ${lengths}`],
  ])("is described by its schema: %s", async (_case, words) => {
    const { code, stdout } = await runCommand(simulate, [...words.split(" "), "--json"]);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(simulateOutputSchema.parse(printed)).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
    const { arrived, completed, rejected } = printed.requests;
    expect(completed + rejected).toBe(arrived);
  });

  it("says null of the closed form exactly where requests come faster than they are served", async () => {
    const of = async (rate: string): Promise<Record<string, unknown>> =>
      JSON.parse(
        (await runCommand(simulate, `--model llama-3.1-8b --rate ${rate} ${lengths} --json`.split(" "))).stdout,
      );
    const [calm, busy] = [await of("2/s"), await of("1000/s")];
    expect(calm["closedForm"]).toMatchObject({ utilization: expect.any(Number) });
    expect(busy["closedForm"]).toBeNull();
    expect(busy["disagreements"]).toEqual([]);
  });
});
