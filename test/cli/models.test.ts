import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { models } from "../../src/cli/commands/models.ts";
import { modelIds } from "../fixtures/profiles.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const written = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const profile = (id: string): string => join(import.meta.dirname, "..", "..", "model-profiles", `${id}.json`);
const json = async (...words: string[]) => JSON.parse((await runCommand(models, [...words, "--json"])).stdout);

describe("ridgepoint models", () => {
  it("lists every profile", async () => {
    const { stdout } = await runCommand(models, []);
    const ids = stdout
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ")[0]);
    expect(ids.sort()).toEqual(modelIds().sort());
  });

  it("lists those that have the words in a name or an alias, whatever the case", async () => {
    const { models: rows } = await json("FALCON");
    expect(rows.map((row: { id: string }) => row.id)).toEqual(["falcon-180b", "falcon-40b", "falcon-7b"]);
    expect(rows[2]).toMatchObject({ kvBytesPerToken: 8192, attention: "MQA 71/1", maxContext: 2048 });
  });

  it("names the nearest where none has them", async () => {
    await expect(runCommand(models, ["lllama-2-7b"])).rejects.toThrow(
      "invalid filter: lllama-2-7b (no model has it in its name; did you mean llama-2-7b?)",
    );
  });

  it("cuts sources to the terminal's width and shows full names in a wide one", async () => {
    const narrow = (await runCommand(models, ["llama-3.1"])).stdout;
    expect(Math.max(...narrow.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect((await runCommand(models, ["llama-3.1"], 200)).stdout).toContain("Llama 3.1 8B");
  });

  it("shows one model in full", async () => {
    const { stdout } = await runCommand(models, ["show", "llama-2-7b"]);
    await expect(stdout).toMatchFileSnapshot("golden/models-show.txt");
  });

  it("shows Gemma 3's two kinds of layer, and why its count differs from the reported one", async () => {
    const shown = await json("show", "gemma-3-27b");
    expect(shown.layerKinds.map(({ count }: { count: number }) => count)).toEqual([52, 10]);
    expect(shown.reported.explained).toContain("vision tower");
  });

  it("shows a config.json and a profile by path, and an alias with a slash by name", async () => {
    const config = await written(
      "config.json",
      JSON.stringify({
        architectures: ["LlamaForCausalLM"],
        model_type: "llama",
        hidden_size: 4096,
        intermediate_size: 11_008,
        num_attention_heads: 32,
        num_key_value_heads: 32,
        num_hidden_layers: 32,
        max_position_embeddings: 4096,
        vocab_size: 32_000,
        tie_word_embeddings: false,
        hidden_act: "silu",
      }),
    );
    expect(await json("show", config)).toMatchObject({ parameters: 6_738_415_616, source: null, reported: null });
    expect((await json("show", profile("falcon-7b"))).id).toBe("falcon-7b");
    expect((await json("show", "tiiuae/falcon-7b")).id).toBe("falcon-7b");
  });

  it("checks a file: OK and a summary, or one line that names the field", async () => {
    const { code, stdout } = await runCommand(models, ["--check", profile("mixtral-8x22b")]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^OK {2}.*mixtral-8x22b.json\n/);
    for (const [form, start] of [
      ["--csv", "id,name,"],
      ["--json", "{\n"],
    ] as const) {
      const run = await runCommand(models, ["--check", profile("mixtral-8x22b"), form]);
      expect(run.stdout.startsWith(start)).toBe(true);
      expect(run.stderr).toMatch(/^OK {2}.*mixtral-8x22b.json\n$/);
    }
    const broken = await written("broken.json", '{\n  "id": "x",\n  "layerKinds": {},\n}');
    await expect(runCommand(models, ["--check", broken])).rejects.toThrow(/line 4/);
    await expect(runCommand(models, ["--check", join(folder, "none.json")])).rejects.toThrow("invalid --check:");
  });

  it("prints CSV, a row a model", async () => {
    const { stdout } = await runCommand(models, ["llama-2", "--csv"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(
      "id,name,family,parameters,activeParameters,attention,layers,kvBytesPerToken,maxContext,source",
    );
    expect(lines).toHaveLength(4);
  });

  it.each([
    [["show"], "invalid argument: show (wants an id or a file after it)"],
    [["show", "llama-2-7"], "invalid model: llama-2-7 (did you mean llama-2-7b?"],
    [["llama", "qwen"], "invalid argument: qwen (wants one part of a name, or: show ID-or-file)"],
    [["show", "a", "b"], "invalid argument: b"],
    [["llama", "--check", "x.json"], "invalid argument: llama (--check takes a file and nothing else)"],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(models, words)).rejects.toThrow(message);
  });
});
