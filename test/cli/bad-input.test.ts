/** Every kind of bad input, through the built program: one line that names the field, exit code 2, nothing on stdout. */
import { closeSync, openSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { notBuilt, runProgram } from "../support/run-program.ts";
import { scratchFolder } from "../support/scratch-folder.ts";

if (notBuilt !== null) console.warn(`skipped: ${notBuilt}`);

const scratch = scratchFolder();
const { written } = scratch;

function expectRefused(words: readonly string[], message: string | RegExp): void {
  const { code, stdout, stderr } = runProgram(words);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^ridgepoint: [^\n]+\n$/);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

const figure = (value: string) => ({ value, source: "a test" });
const device = {
  id: "mine",
  name: "Mine",
  vendor: "V",
  kind: "gpu",
  aliases: [],
  memory: { type: "HBM", capacity: figure("80 GB"), bandwidth: figure("3 TB/s") },
  peak: { bf16: figure("900 TFLOP/s") },
  caches: [],
  link: null,
  power: null,
};
const model = {
  id: "mine",
  name: "Mine",
  family: "llama",
  source: "a test",
  parametersReported: { value: "6.74B" },
  dModel: 4096,
  vocab: 32_000,
  tiedEmbeddings: false,
  maxContext: 4096,
  norm: "rms",
  layers: 32,
  layerKinds: {
    layer: {
      attention: { kind: "softmax", heads: 32, kvHeads: 32, headDim: 128 },
      feedForward: { kind: "dense", dFf: 11_008, gated: true },
    },
  },
};
const withAttention = (changed: Record<string, unknown>): string =>
  JSON.stringify({
    ...model,
    layerKinds: {
      layer: { ...model.layerKinds.layer, attention: { ...model.layerKinds.layer.attention, ...changed } },
    },
  });

describe.skipIf(notBuilt !== null)("bad input", () => {
  it.each([
    [["--batch", "0"], "invalid batch: 0 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--batch=-1"], "invalid batch: -1 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--context", "NaN"], "invalid context: NaN (wants a positive whole number up to 1,000,000,000,000)"],
    [["--context", "1e400"], "invalid context: 1e400 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--context", "1.5"], "invalid context: 1.5 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--batch", ""], "invalid batch: nothing (wants a positive whole number up to 1,000,000,000,000)"],
    [["--query-tokens", "4096"], "invalid queryTokens: 4096 (at most the context 2048"],
    [["--memory-share", "1.1"], "invalid memoryShare: 1.1 (wants a number above 0 and at most 1)"],
    [["--weights", "fp9"], "invalid weights: fp9 (wants fp32, bf16"],
    [["--attention", "gqa:5"], "invalid attention: gqa:5 (K/V heads must divide heads 32)"],
    [["--tensor-parallel", "3"], "invalid tensorParallel: 3 (must divide"],
    [["--phase", "train"], "invalid phase: train (wants decode or prefill)"],
    [["--model", "llama-2-7"], "invalid model: llama-2-7 (did you mean llama-2-7b? `ridgepoint models` lists all)"],
    [["--hardware", "h100sxm5x"], "invalid hardware: h100sxm5x (did you mean"],
    [["--hardware", "apple-m1", "--activations", "fp8"], "invalid activations: fp8"],
    [["--config", "/no/such/config.json"], "invalid --config: /no/such/config.json (no such file)"],
    [
      ["--model", "llama-2-7b", "--config", "x.json"],
      "invalid config: x.json (--model llama-2-7b or --config, not both)",
    ],
    [["--config", "/"], "invalid --config: / (is a directory, wants a file)"],
    [["--modle", "llama-2-7b"], "unknown option '--modle' (Did you mean --model?)"],
    [["--batch"], "option '-b, --batch <n>' argument missing"],
    [["surplus"], "too many arguments"],
  ])("step %j", (words, message) => {
    expectRefused(["step", ...words], new RegExp(message.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  });

  it.each([
    [["stepp"], /unknown command 'stepp' \(Did you mean step\?\)/],
    [["zzz"], /unknown command 'zzz'/],
    [["compare", "--batch", "1..1e9"], /invalid batch: 1\.\.1e9 \(stands for more than 100,000 values\)/],
    [["generate", "--query-tokens", "4"], /invalid queryTokens: 4/],
    [["models", "show", "gpt22"], /invalid model: gpt22 \(did you mean gpt2\?/],
    [["hardware", "show", "h101-sxm"], /invalid hardware: h101-sxm \(did you mean h100-sxm\?/],
  ])("%j", (words, message) => {
    expectRefused(words, message);
  });

  it.each([
    [["--rate", "0"], /invalid rate: 0 \(wants a rate above 0/],
    [["--rate", "8/s", "--ttft", "2s", "--end-to-end", "1s"], /invalid endToEnd: 1 \(contradicts ttft 2 s/],
    [["--rate", "8/s", "--hardware", "h101-sxm"], /invalid hardware: h101-sxm \(did you mean h100-sxm\?/],
    [["--rate", "8/s", "--engine", "vlm"], /invalid engine: vlm \(.*did you mean vllm\?\)/],
    [["--rate", "8/s", "--percentile", "100"], /invalid percentile: 100 \(wants 50 to 99\.9\)/],
    [["--rate", "8/s", "--hardwear", "h200"], /unknown option '--hardwear' \(Did you mean --hardware\?\)/],
  ])("plan and simulate %j", (words, message) => {
    for (const command of ["plan", "simulate"]) {
      expectRefused([command, "--model", "llama-2-7b", "--input", "1000", "--output", "300", ...words], message);
    }
  });

  it("a model's profile: heads that are no whole number, K/V heads that don't divide them, a missing field", () => {
    const check = (name: string, text: string) => ["models", "--check", written(name, text)];
    expect(runProgram(check("good.json", JSON.stringify(model))).code).toBe(0);
    expectRefused(check("a.json", withAttention({ heads: 31.5 })), /heads: 31\.5 \(.*wants an integer\)/);
    expectRefused(check("b.json", withAttention({ kvHeads: 12 })), /kvHeads: 12 \(must divide heads 32\)/);
    expectRefused(check("c.json", withAttention({ heads: 0 })), /heads: 0 \(.*at least 1\)/);
    expectRefused(check("d.json", withAttention({ heads: -32 })), /heads: -32 \(/);
    expectRefused(check("e.json", withAttention({ kvHeads: undefined })), /kvHeads: missing \(/);
    expectRefused(check("f.json", withAttention({ headdim: 128 })), /headdim: 128 \(.*did you mean headDim\?\)/);
    expectRefused(check("g.json", withAttention({}).replace('"dModel":4096', '"dModel":1e400')), /dModel: /);
    expectRefused(check("h.json", withAttention({}).replace('"dModel":4096', '"dModel":NaN')), /dModel: |line 1/);
  });

  it("a machine's profile: an unknown unit, GB where a bandwidth is due, zero, a missing field", () => {
    const check = (name: string, changed: object) => [
      "hardware",
      "--check",
      written(name, JSON.stringify({ ...device, ...changed })),
    ];
    const memory = (bandwidth: string) => ({ memory: { ...device.memory, bandwidth: figure(bandwidth) } });
    expect(runProgram(check("good.json", {})).code).toBe(0);
    expectRefused(check("a.json", memory("3 TiX/s")), /memory\.bandwidth\.value: 3 TiX\/s \(.*no known unit/);
    expectRefused(check("b.json", memory("80 GB")), /memory\.bandwidth\.value: 80 GB \(.*GB is no bandwidth\)/);
    expectRefused(check("c.json", memory("0 TB/s")), /memory\.bandwidth\.value: 0 TB\/s \(.*more than zero\)/);
    expectRefused(check("d.json", memory("-3 TB/s")), /memory\.bandwidth\.value: -3 TB\/s/);
    expectRefused(check("e.json", memory("NaN TB/s")), /memory\.bandwidth\.value: NaN TB\/s/);
    expectRefused(check("f.json", memory("1e400 TB/s")), /memory\.bandwidth\.value: 1e400 TB\/s/);
    expectRefused(check("g.json", { memory: undefined }), /memory: missing \(/);
    expectRefused(check("h.json", { peak: {} }), /peak: /);
    expectRefused(check("i.json", memory('import("x") TB/s')), /memory\.bandwidth\.value/);
  });

  it("a file: a syntax error with its line, __proto__ keys, not JSON's object, 100 MB", () => {
    const syntax = written("syntax.json", '{\n  "id": "x",\n  "name" "X"\n}\n');
    expectRefused(["hardware", "--check", syntax], /line 3/);
    expectRefused(["step", "--config", syntax], /line 3/);
    expectRefused(["step", "--hardware", syntax], /line 3/);
    const proto = written(
      "proto.json",
      JSON.stringify(device).replace('"caches"', '"__proto__":{"kind":"gpu"},"caches"'),
    );
    expectRefused(["hardware", "--check", proto], /__proto__/);
    const config = written("config.json", '{"architectures":["LlamaForCausalLM"],"__proto__":{"hidden_size":8}}');
    expectRefused(["step", "--config", config], /__proto__/);
    expectRefused(["models", "--check", written("list.json", "[1, 2]")], /invalid /);
    expectRefused(["models", "--check", written("empty.json", "")], /invalid /);
    const large = join(scratch.path(), "large.json");
    closeSync(openSync(large, "w"));
    truncateSync(large, 100_000_000);
    expectRefused(["step", "--config", large], /95\.4 MiB, at most 16\.0 MiB are read/);
    expectRefused(["hardware", "--check", large], /at most 16\.0 MiB are read/);
  });

  it("a config.json: an unknown architecture, and fields that are missing", () => {
    const strange = written("strange.json", '{"architectures":["StrangeForCausalLM"]}');
    expectRefused(
      ["step", "--config", strange],
      /StrangeForCausalLM \(unknown architecture; the file lacks hidden_size/,
    );
    const lacking = written(
      "lacking.json",
      '{"architectures":["LlamaForCausalLM"],"model_type":"llama","hidden_size":64}',
    );
    expectRefused(["step", "--config", lacking], /invalid \S+\/[\w.-]+\.json [a-z_]+: (missing|nothing) /);
  });

  it("shows where an error came from with --debug only", () => {
    const { code, stderr } = runProgram(["step", "--batch", "0", "--debug"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/\n {4}at /);
  });
});
