import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSweepFile } from "../../src/cli/sweep-file.ts";

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

describe("readSweepFile", () => {
  it("reads YAML and JSON alike", async () => {
    const yaml = file(
      "a.yaml",
      "# a comment\nmodel: [llama-2-7b, llama-3.1-8b]\nattention: mha,gqa:8\nbatch: [1, 2..8*2]\ncontext: 8192\nsameParameters: true\n",
    );
    const json = file(
      "a.json",
      '{"model": ["llama-2-7b", "llama-3.1-8b"], "attention": "mha,gqa:8", "batch": [1, "2..8*2"], "context": 8192, "sameParameters": true}',
    );
    expect(await readSweepFile(yaml)).toEqual({
      model: ["llama-2-7b", "llama-3.1-8b"],
      attention: "mha,gqa:8",
      batch: [1, "2..8*2"],
      context: 8192,
      sameParameters: true,
    });
    expect(await readSweepFile(json)).toEqual(await readSweepFile(yaml));
  });

  it("takes paths from its own folder, and leaves names alone", async () => {
    const path = file("b.yaml", "config: model/config.json\nhardware: [h100-sxm, ./mine.json, /abs/other.json]\n");
    expect(await readSweepFile(path)).toEqual({
      config: [join(folder, "model/config.json")],
      hardware: ["h100-sxm", join(folder, "mine.json"), "/abs/other.json"],
    });
  });

  it.each([
    ["flow.yaml", "batch: 1\nattention: [mha, gqa:8\ncontext: 512\n", /YAML syntax error at line 3, column 1 \(/],
    ["twice.yaml", "batch: 1\nbatch: 2\n", /YAML syntax error at line 2, column 1 \(Map keys must be unique\)/],
    ["deep.yaml", "[".repeat(100_000), /^invalid \S+deep\.yaml: nested lists \(wants at most 64 levels\)$/],
    ["two.yaml", "batch: 1\n---\nbatch: 2\n", /two\.yaml: a second document.* \(wants one document\)$/],
    ["swapped.yaml", "bacth: 1\n", /^invalid bacth: 1 \(sweep file has no such key; did you mean batch\?\)$/],
    [
      "far.yaml",
      "zzzzzzzz: 1\n",
      /^invalid zzzzzzzz: 1 \(sweep file has no such key; knows model, .{1,200} and \d+ more\)$/,
    ],
    ["nan.yaml", "beams: .nan\n", /^invalid beams: not a number \(/],
    ["inf.yaml", "beams: .inf\n", /^invalid beams: a number too large \(/],
    ["text.yaml", "beams: '4'\n", /^invalid beams: "4" \(sweep file wants a number\)$/],
    ["escape.yaml", '"ba\\e[31mtch": 1\n', /^invalid ba\\x1b\[31mtch: 1 /],
    ["brace.json", '{"batch": 1,\n "context": }', /JSON syntax error at line 2, column 13 \(wants a value\)/],
    ["key.yaml", "batsh: 1\n", /^invalid batsh: 1 \(sweep file has no such key; did you mean batch\?\)$/],
    ["kebab.yaml", "kv-cache: fp8\n", /did you mean kvCache\?/],
    ["proto.yaml", "__proto__: {batch: 1}\n", /^invalid __proto__: .*must not have a key named __proto__/],
    ["proto.json", '{"__proto__": {"batch": 1}}', /__proto__/],
    ["constructor.yaml", "constructor: 1\n", /^invalid constructor: 1 \(sweep file has no such key/],
    ["zero.yaml", "batch: 0\n", /^invalid batch: 0 /],
    ["half.yaml", "beams: 1.5\n", /^invalid beams: 1.5 /],
    ["nan.yaml", "memoryShare: .nan\n", /^invalid memoryShare: /],
    ["map.yaml", "batch: {from: 1}\n", /^invalid batch: \{"from":1\} \(sweep file wants/],
    ["choice.yaml", "attentionKernel: fusd\n", /did you mean fused\?/],
    ["list.yaml", "- 1\n", /^invalid sweep file: \[1\] \(sweep file wants an object\)$/],
    ["empty.yaml", "# nothing\n", /\(the sweep file is empty\)$/],
    ["large.yaml", `# ${"x".repeat(1_100_000)}\n`, /the file has 1\.05 MiB, at most/],
    [
      "bomb.yaml",
      `a: &a [1,1,1,1,1,1,1,1,1]\n${"bcdefgh"
        .split("")
        .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[i]}`)}]`)
        .join("\n")}\n`,
      /YAML \(Excessive alias count/,
    ],
  ])("%s is refused in one line", async (name, text, message) => {
    const failed = await readSweepFile(file(name, text)).catch((error) => error);
    expect(failed).toMatchObject({ code: "INVALID_INPUT" });
    expect(failed.message).toMatch(message);
    expect(failed.message).not.toContain("\n");
  });

  it("names a file that is not there", async () => {
    await expect(readSweepFile(join(folder, "none.yaml"))).rejects.toThrow(/^invalid file: .*none\.yaml/);
  });
});
