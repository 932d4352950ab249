import { afterAll, describe, expect, it } from "vitest";
import type { FeedForward, Model } from "../../../src/architecture/model.ts";
import { softmaxAttention } from "../../../src/architecture/softmax-attention.ts";
import type { DecodeStepWork } from "../../../src/kernels/kernel.ts";
import { spawnNodeThread } from "../../../src/kernels/wasm/spawn-thread-node.ts";
import { wasmBackend } from "../../../src/kernels/wasm/wasm-backend.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { defaultStepOptions, type StepOptions } from "../../../src/step/step-options.ts";
import { allExperts, latent, layerOf, linear, modelOf } from "../reference/small-models.ts";
import { randomStep, stepConformance } from "../step-conformance.ts";

const one = wasmBackend({ threads: 1 }, spawnNodeThread);
const two = wasmBackend({ threads: 2 }, spawnNodeThread);
afterAll(() => Promise.all([one.close(), two.close()]));

const settings = { formats: ["fp32", "bf16", "int8"], cases: 40, experts: true } as const;
stepConformance("wasm, 1 thread", one, settings);
stepConformance("wasm, 2 threads", two, settings);

describe("decode steps of the wasm backend", () => {
  it("compute the same step run after run, other work between them", async () => {
    const prepared = await two.prepare(randomStep(seededRandom(11), "bf16"));
    const other = await two.prepare(randomStep(seededRandom(12), "int8"));
    if (prepared.refused || other.refused) throw new Error("refused");
    await prepared.run();
    const first = await prepared.output();
    await two.runInOrder([other, prepared, prepared, other, prepared]);
    expect(await prepared.output()).toEqual(first);
    expect(first.some((logit) => logit !== 0)).toBe(true);
    prepared.release();
    other.release();
  });

  it("take weights and cache in formats of their own", async () => {
    const work = randomStep(seededRandom(13), "fp32");
    const options = { ...work.options, kvCache: parseNumberFormat("int8"), weights: null };
    const prepared = await two.prepare({ ...work, options });
    expect(prepared.refused).toBe(false);
    if (!prepared.refused) prepared.release();
  });

  it("let timers have their turn while a large cache is filled", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    // 40,000 rows of 512 numbers.
    const attention = softmaxAttention({ heads: 8, kvHeads: 8, headDim: 32 });
    const model = modelOf([layerOf(attention)], [0]);
    const options = { ...defaultStepOptions, kvCache: parseNumberFormat("int8") };
    const work = { kind: "decode-step", model, options, seed: 1, batch: 1, context: 40_000 } as const;
    const prepared = await two.prepare(work);
    clearInterval(timer);
    if (prepared.refused) throw new Error(prepared.reason);
    prepared.release();
    expect(turns).toBeGreaterThanOrEqual(1);
  });

  const gqa = softmaxAttention({ heads: 4, kvHeads: 2, headDim: 16 });
  const step = (given: { model?: Model; options?: Partial<StepOptions>; context?: number }): DecodeStepWork => ({
    kind: "decode-step",
    model: given.model ?? modelOf([layerOf(gqa)], [0]),
    options: { ...defaultStepOptions, ...given.options },
    seed: 1,
    batch: 1,
    context: given.context ?? 8,
  });
  it.each([
    ["latent attention", { model: modelOf([layerOf(latent)], [0]) }, "does not run latent attention"],
    ["linear attention", { model: modelOf([layerOf(linear)], [0]) }, "does not run linear attention"],
    [
      "a device's part of the experts",
      { model: modelOf([layerOf(gqa, { feedForward: { ...allExperts, routerWidth: 6 } as FeedForward })], [0]) },
      "does not run a part of a mixture's experts",
    ],
    ["an encoder", { model: modelOf([layerOf(gqa, { crossAttention: gqa })], [0]) }, "does not run cross-attention"],
    ["materialized attention", { options: { attentionKernel: "materialized" } }, "does not run materialized attention"],
    ["concatenation", { options: { cacheUpdate: "concat" } }, "does not run caches that grow by concatenation"],
    ["weights in fp8", { options: { weights: parseNumberFormat("fp8") } }, "stores fp32, bf16 and int8, not fp8"],
    ["a cache in fp16", { options: { kvCache: parseNumberFormat("fp16") } }, "stores fp32, bf16 and int8, not fp16"],
    [
      "more positions than learned",
      { model: modelOf([layerOf(gqa)], [0], { positions: 7 }) },
      "the model has 7 learned positions, a context of 8 wants more",
    ],
    // 2 · 2^26 rows of 32 elements in bf16 are 8 GiB.
    [
      "a cache beyond 4 GiB",
      { context: 2 ** 26 },
      /^the buffers take 8\d{9} bytes, a WebAssembly memory at most 4294967296$/,
    ],
  ] as const)("refuse %s in one line", async (_name, given, reason) => {
    const refused = await two.prepare(step(given));
    const text = typeof reason === "string" ? expect.stringContaining(reason) : expect.stringMatching(reason);
    expect(refused).toEqual({ refused: true, reason: text });
  });
});
