import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/kernels/seeded-random.ts";
import { multiplyAddJob, readJob } from "../../../src/kernels/wasm/ceiling-jobs.ts";
import { spawnNodeThread } from "../../../src/kernels/wasm/spawn-thread-node.ts";
import { wasmBackend } from "../../../src/kernels/wasm/wasm-backend.ts";
import { answerOf, attention, conformance } from "../conformance.ts";

const one = wasmBackend({ threads: 1 }, spawnNodeThread);
const two = wasmBackend({ threads: 2 }, spawnNodeThread);
afterAll(() => Promise.all([one.close(), two.close()]));

const settings = { formats: ["f32", "bf16", "int8"], cases: 25 } as const;
conformance("wasm, 1 thread", one, settings);
conformance("wasm, 2 threads", two, settings);

describe("wasm backend", () => {
  it("is available here and says how it computes", async () => {
    expect(await two.availability()).toMatchObject({
      available: true,
      description: expect.stringMatching(/SIMD, 2 threads$/),
    });
  });

  it("refuses by name, with both numbers, what a WebAssembly memory does not hold", async () => {
    const weights = new Float32Array(0);
    const shape = { kind: "linear", tokens: 1, inFeatures: 65536, outFeatures: 16384, format: "f32" } as const;
    const refused = await one.prepare({ ...shape, input: new Float32Array(65536), weights, bias: null });
    // 2^30 weights of 4 bytes are 4 GiB alone.
    expect(refused).toMatchObject({
      refused: true,
      reason: expect.stringMatching(/take 429\d{7} bytes.* at most 4294967296$/),
    });
  });

  it("refuses formats it does not store", async () => {
    const work = attention(seededRandom(1), { heads: 1, kvHeads: 1, headDim: 8, contexts: [4], format: "f16" });
    expect(await one.prepare(work)).toEqual({
      refused: true,
      reason: "the wasm backend stores f32, bf16 and int8, not f16",
    });
  });

  it("gives the same on one thread and on two, run after run", async () => {
    const work = attention(seededRandom(2), { heads: 4, kvHeads: 2, headDim: 64, contexts: [5000, 70], format: "f32" });
    const expected = await answerOf(one, work);
    const prepared = await two.prepare(work);
    if (prepared.refused) throw new Error(prepared.reason);
    for (let i = 0; i < 200; i++) await prepared.run();
    const output = await prepared.output();
    prepared.release();
    for (const [i, value] of output.entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
  });

  it("keeps several pieces of work ready at a time", async () => {
    const works = [1, 2, 3].map((seed) =>
      attention(seededRandom(seed), { heads: 2, kvHeads: 1, headDim: 64, contexts: [40], format: "f32" }),
    );
    const prepared = await Promise.all(works.map((work) => two.prepare(work)));
    await Promise.all(prepared.map((kernel) => (kernel.refused ? null : kernel.run())));
    for (const [i, kernel] of prepared.entries()) {
      const work = works[i];
      if (kernel.refused || work === undefined) throw new Error("refused");
      expect(await kernel.output()).toEqual(await answerOf(two, work));
      kernel.release();
    }
  });

  it("reads every float of a buffer and adds as many products as it says", async () => {
    const read = await two.prepareJob(readJob(4 * 1024 * 1024));
    const products = await two.prepareJob(multiplyAddJob(3, 1000));
    if (read.refused || products.refused) throw new Error("refused");
    await read.run();
    expect(await read.output()).toEqual(new Float64Array(4).fill(262_144));
    await products.run();
    // Each lane tends to the fixed point of a = 0.999 a + 0.001, which is 1: 48 lanes.
    for (const sum of await products.output()) expect(sum).toBeGreaterThan(48);
    read.release();
    products.release();
  });

  it("ends its threads, and starts anew when asked again", async () => {
    const backend = wasmBackend({ threads: 2 }, spawnNodeThread);
    const work = attention(seededRandom(4), { heads: 1, kvHeads: 1, headDim: 64, contexts: [9], format: "f32" });
    const before = await answerOf(backend, work);
    await backend.close();
    expect(await answerOf(backend, work)).toEqual(before);
    await backend.close();
  });

  it("says so when a thread dies", async () => {
    const dying = wasmBackend({ threads: 2 }, (_ready, onFailure) => ({
      post: () => queueMicrotask(() => onFailure("out of memory")),
      keepAlive: () => {},
      end: async () => {},
    }));
    expect(await dying.availability()).toEqual({
      available: false,
      reason: "a thread of the wasm backend died: out of memory",
    });
  });
});
