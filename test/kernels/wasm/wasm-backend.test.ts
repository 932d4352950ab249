import { afterAll, describe, expect, it } from "vitest";
import { spawnNodeThread } from "../../../src/kernels/wasm/spawn-thread-node.ts";
import { wasmBackend } from "../../../src/kernels/wasm/wasm-backend.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
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

  it.each(["read", "write", "copy", "triad"] as const)("moves the bytes it says: %s", async (stream) => {
    for (const workingSetBytes of [16 * 1024, 64 * 1024 * 1024]) {
      const prepared = await two.prepare({ kind: "stream", stream, workingSetBytes, passes: 3 });
      if (prepared.refused || prepared.amount === undefined) throw new Error("refused");
      await prepared.run();
      const output = await prepared.output();
      prepared.release();
      const bytes = prepared.amount / 3;
      expect(Math.abs(bytes / workingSetBytes - 1)).toBeLessThan(0.07);
      const one = Float32Array.of(1);
      new Uint8Array(one.buffer).fill(1);
      // A read adds up ones; the others end with what they write, here in each part: bytes of 1, a one, and 1 + 3 · 1.
      if (stream === "read") expect(output.reduce((sum, part) => sum + part)).toBe(bytes / 4);
      else expect(new Set(output)).toEqual(new Set([{ write: one[0], copy: 1, triad: 4 }[stream]]));
    }
  });

  it.each(["f32", "bf16", "int8"] as const)("adds at least as many products as it is asked for: %s", async (format) => {
    const products = await two.prepare({ kind: "multiply-add", format, multiplyAdds: 1e6 });
    if (products.refused || products.amount === undefined) throw new Error("refused");
    expect(products.amount).toBeGreaterThanOrEqual(1e6);
    expect(products.amount).toBeLessThan(1.1e6);
    await products.run();
    const rounds = products.amount / 96 / 32;
    // Each of 12 chains of 4 lanes: a = a · operand + 0.001, twice a round, from 1 to 12.
    let expected = 0;
    for (let chain = 1; chain <= 12; chain++) {
      let a = chain;
      for (let i = 0; i < 2 * rounds; i++) a = a * (format === "bf16" ? 0.99609375 : 0.999) + 0.001;
      expected += 4 * a;
    }
    // int8 ones by 16-bit 257, the same bytes.
    if (format === "int8") expected = 96 * rounds * 257;
    for (const sum of await products.output()) expect(sum).toBeCloseTo(expected, 2);
    products.release();
  });

  it("runs kernels in order, the same one often, and starts those that do nothing", async () => {
    const works = [5, 6].map((seed) =>
      attention(seededRandom(seed), { heads: 2, kvHeads: 1, headDim: 64, contexts: [40], format: "f32" }),
    );
    const [first, second, empty] = await Promise.all([...works, { kind: "empty" } as const].map(two.prepare));
    if (first?.refused !== false || second?.refused !== false || empty?.refused !== false) throw new Error("refused");
    const order = Array.from({ length: 20_000 }, (_, i) => (i % 1000 === 0 ? first : i % 1000 === 1 ? second : empty));
    expect(await two.runInOrder(order)).toBeNull();
    expect(await two.runInOrder([])).toBeNull();
    expect(await first.output()).toEqual(await answerOf(one, works[0] as (typeof works)[0]));
    expect(await second.output()).toEqual(await answerOf(one, works[1] as (typeof works)[0]));
    await expect(one.runInOrder([{ ...first }])).rejects.toThrow("did not prepare");
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
      reason: "the wasm backend's threads have ended: one died: out of memory",
    });
  });
});
