/** Text from files that would reach the terminal, an SVG or a message raw, and configurations that would be guessed at. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roofline } from "../../src/cli/commands/roofline.ts";
import { sensitivity } from "../../src/cli/commands/sensitivity.ts";
import { step } from "../../src/cli/commands/step.ts";
import { sweep } from "../../src/cli/commands/sweep.ts";
import { runCommand } from "../support/run-command.ts";

const llama = {
  architectures: ["LlamaForCausalLM"],
  hidden_size: 2048,
  num_hidden_layers: 4,
  num_attention_heads: 16,
  intermediate_size: 5504,
  vocab_size: 32000,
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(name: string, keys: Record<string, unknown>): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ ...llama, ...keys }));
  return path;
}

/** Any control character but the line feed. */
const control = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200b\ufeff]/u;

describe("names from a config.json", () => {
  const hostile = { _name_or_path: "org/a\u001b[31mb\u202e\u009bc\n\u0007d" };

  it.each([[[]], [["--json"]], [["--csv"]]])("hold no control characters in step %j", async (form) => {
    const { code, stdout } = await runCommand(step, ["--config", config("hostile.json", hostile), ...form]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(control);
    if (form.length === 0) expect(stdout).toMatch(/^a\[31mbc d, /);
  });

  it("leave a chart well-formed XML", async () => {
    const out = join(folder, "h.svg");
    const { code } = await runCommand(roofline, ["--config", config("svg.json", hostile), "--out", out]);
    const svg = readFileSync(out, "utf8");
    expect(code).toBe(0);
    expect(svg).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
    expect(svg).not.toMatch(control);
  });
});

describe("a quantization that is not known", () => {
  const weird = { quantization_config: { quant_method: "we\u001bird" } };

  it("is refused with what is known, naming the file", async () => {
    const path = config("weird.json", weird);
    const message = `invalid ${path} quantization_config.quant_method: weird (knows fp8, `;
    await expect(runCommand(step, ["--config", path])).rejects.toThrow(message);
    await expect(runCommand(sweep, ["--config", path])).rejects.toThrow("quant_method: weird");
    await expect(runCommand(sweep, ["--config", path, "--weights", "int4,published"])).rejects.toThrow("weird");
  });

  it("does not matter where --weights is given", async () => {
    const { code, stdout } = await runCommand(step, ["--config", config("weird.json", weird), "--weights", "int4"]);
    expect(code).toBe(0);
    expect(stdout).toContain("note: quantization_config is not understood (quant_method weird): it is not read\n");
  });
});

it("what is assumed of a config.json is said by step, as a note and in its JSON", async () => {
  const path = config("float32.json", { torch_dtype: "float32" });
  const sentence = "the file says float32: weights are counted in 16 bits unless --weights fp32 is given";
  expect((await runCommand(step, ["--config", path])).stdout).toContain(`note: ${sentence}\n`);
  expect(JSON.parse((await runCommand(step, ["--config", path, "--json"])).stdout).notes).toContain(sentence);
});

describe("messages name what was typed", () => {
  it.each(["batch", "context", "query-tokens", "beams"])("--%s beyond its bound", async (name) => {
    const words = [`--${name}`, "9007199254740991"];
    await expect(runCommand(sensitivity, words)).rejects.toThrow(
      ": 9007199254740991 (wants a positive whole number up to 1,000,000,000,000)",
    );
  });

  it("--activations nvfp4 on a machine without 4-bit units", async () => {
    await expect(runCommand(step, ["--activations", "nvfp4", "--weights", "nvfp4"])).rejects.toThrow(
      "invalid activations: nvfp4 (h100-sxm has no fp4 peak",
    );
  });
});

it("prints the largest workloads with exponents", async () => {
  const most = "1000000000000";
  const { stdout } = await runCommand(step, ["--batch", most, "--context", most, "--json"]);
  expect(stdout).not.toContain("null,null");
  const table = (await runCommand(step, ["--batch", most, "--context", most])).stdout;
  expect(table).toMatch(/\d\.\d\de\d+ EFLOP/);
  expect(table).not.toMatch(/\d{1,3}(,\d{3}){5}/);
});
