import { describe, expect, it } from "vitest";
import { plan } from "../../src/cli/commands/plan.ts";
import { planOutputSchema } from "../../src/cli/schemas/plan-output.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

const small = "--model llama-3.1-8b --rate 8/s --input 1000 --output 300 --requests 500";

describe("plan --json", () => {
  it.each([
    ["the plain case", small, 0],
    ["no simulation", `${small} --simulate 0`, 0],
    [
      "objectives, two machines, what if",
      `${small} --hardware h100-sxm,mi300x --ttft 500ms --tpot 20ms --end-to-end 20s --what-if kv-heads=1 --what-if kv-cache=int8 --simulate 1`,
      0,
    ],
    ["users", small.replace("--rate 8/s", "--users 64"), 0],
    ["prompts on replicas of their own", `${small} --separate-prefill always --simulate 1`, 0],
    [
      "experts over two nodes",
      "--model deepseek-v3 --hardware h200 --rate 1/s --input 1000 --output 300 --simulate 0",
      0,
    ],
    ["a machine without a price", `${small} --hardware rtx-4090 --weights fp8 --simulate 0`, 0],
    ["a machine that is owned", `${small} --owned h100-sxm=8 --simulate 0`, 0],
    [
      "a laptop",
      "--model llama-3.1-8b --hardware apple-m4-max --weights q4_k_m --users 1 --input 500 --output 100 --requests 50",
      0,
    ],
    ["drafts and prefixes", `${small} --speculative 3:0.7:llama-3.2-1b --shared-prefix 0.5 --simulate 1`, 0],
    ["an objective that nothing keeps", `${small} --tpot 1ms --what-if kv-heads=1`, 3],
    ["a model that no layout allowed holds", `${small} --model llama-3.1-405b --devices 2`, 3],
    ["a limit of power", `${small} --power 50W`, 3],
    ["a split that the model's rules forbid", `${small} --tensor-parallel 3`, 3],
  ])("is described by its schema: %s", async (_case, words, expected) => {
    const { code, stdout } = await runCommand(plan, [...words.split(" "), "--json"]);
    expect(code).toBe(expected);
    const printed = JSON.parse(stdout);
    expect(planOutputSchema.parse(printed)).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
    expect(printed.best === null).toBe(code === 3);
    expect(printed.nearestMiss === null).toBe(code === 0);
  });
});
