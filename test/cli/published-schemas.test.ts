import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { CliCommand } from "../../src/cli/command.ts";
import { audit } from "../../src/cli/commands/audit.ts";
import { compare } from "../../src/cli/commands/compare.ts";
import { generate } from "../../src/cli/commands/generate.ts";
import { hardware } from "../../src/cli/commands/hardware.ts";
import { models } from "../../src/cli/commands/models.ts";
import { step } from "../../src/cli/commands/step.ts";
import { validate } from "../../src/cli/commands/validate.ts";
import { publishedSchemas } from "../../src/cli/published-schemas.ts";
import { commands } from "../../src/cli/registry.ts";
import { builtinCatalog } from "../../src/cli/write-report.ts";
import { runMainJob } from "../../src/reporting/main-job.ts";
import { numbersOf, runCommand } from "../support/run-command.ts";

/** What each schema is held to: a command and the words after it. */
const outputs: readonly (readonly [string, CliCommand, string])[] = [
  ["step", step, ""],
  ["step", step, "--model llama-3.1-70b"],
  ["step", step, "--model deepseek-v3 --hardware h200 --tensor-parallel 8 --batch 32"],
  ["step", step, "--model flan-t5-xl --phase prefill --context 512"],
  ["step", step, "--model gpt-oss-120b --weights q4_k_m --beams 4"],
  ["compare", compare, "--batch 1,64 --context 512,8192"],
  ["generate", generate, "--output 10"],
  ["generate", generate, "--output 1"],
  ["generate", generate, "--batch 128 --output 200"],
  ["models", models, ""],
  ["models-show", models, "show deepseek-v3"],
  ["models-show", models, "show flan-t5-xl"],
  ["hardware", hardware, ""],
  ["hardware-show", hardware, "show h100-sxm"],
  ["hardware-show", hardware, "show v100-sxm-32g"],
  ["validate", validate, "measurements/H100/attention.csv measurements/H100/linear.csv --hardware h100-sxm"],
  ["validate", validate, "measurements/H100/steps.csv --hardware h100-sxm --max-median 1"],
  ["validate", validate, "measurements/H100/steps.csv --hardware h100-sxm --timing roofline"],
  ["audit", audit, "measurements/H100/steps.csv --hardware h100-sxm"],
  ["audit", audit, "measurements/H100/steps.csv --hardware a100-80g-sxm"],
];

describe("publishedSchemas", () => {
  it.each(outputs)("%s describes the whole of what is printed: %# %s", async (name, command, words) => {
    const { stdout } = await runCommand(command, [...words.split(" ").filter(Boolean), "--json"]);
    const printed = JSON.parse(stdout);
    const parsed = schemaOf(name).parse(printed);
    // A field that the schema does not know is left out of what it parses.
    expect(parsed).toEqual(printed);
    for (const [path, value] of numbersOf(printed)) expect(value === null || Number.isFinite(value), path).toBe(true);
  });

  it("holds every model and every machine that is shipped", async () => {
    for (const [command, list] of [
      [models, "models"],
      [hardware, "hardware"],
    ] as const) {
      const rows: { id: string }[] = JSON.parse((await runCommand(command, ["--json"])).stdout)[list];
      for (const { id } of rows) {
        const printed = JSON.parse((await runCommand(command, ["show", id, "--json"])).stdout);
        expect(schemaOf(`${list}-show`).parse(printed), id).toEqual(printed);
      }
    }
  });

  it("hold the main job's rows, which are a comparison's", () => {
    const printed = JSON.parse(JSON.stringify({ rows: runMainJob(builtinCatalog).rows }));
    expect(schemaOf("main").parse(printed)).toEqual(printed);
  });

  it("has one for every command with --json", async () => {
    for (const { name, load } of commands) {
      const command = new Command(name);
      (await load()).configure(command);
      const printsJson = command.options.some((option) => option.long === "--json");
      if (printsJson) expect(Object.keys(publishedSchemas), name).toContain(name);
    }
  });

  it("become JSON Schemas", () => {
    for (const [name, schema] of Object.entries(publishedSchemas)) {
      const text = JSON.stringify(z.toJSONSchema(schema, { io: "input" }));
      expect(text, name).toContain('"$schema"');
    }
  });
});

function schemaOf(name: string): z.ZodType {
  const schema = publishedSchemas[name];
  if (schema === undefined) throw new Error(`no schema ${name}`);
  return schema;
}
