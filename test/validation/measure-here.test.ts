import { describe, expect, test } from "vitest";
import type { KernelWork } from "../../src/kernels/kernel.ts";
import type { GridRow } from "../../src/measurement/measured-shape.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { type MeasureHereRequest, measureHere } from "../../src/validation/measure-here.ts";
import { type FakeSettings, fakeBackend, fakeClock } from "../measurement/fake-backend.ts";

const linear = (n: number): GridRow => ({
  shape: { kind: "linear", dtype: "fp32", what: "", m: 1, k: 64, n },
  backend: "wasm",
  threads: 2,
  cold: true,
});
const residual: GridRow = {
  shape: { kind: "elementwise", op: "residual", dtype: "fp32", rows: 1, features: 64, headDim: null, gated: null },
  backend: "wasm",
  threads: 2,
  cold: false,
};

/** A linear layer takes as many ms as it has hundreds of outputs, a residual 1 ms, the check 2 ms for 4 × 64 KiB. */
const secondsOf = (_run: number, work: KernelWork): number => {
  if (work.kind === "linear") return work.outFeatures * 1e-5;
  return work.kind === "stream" ? 2e-3 : 1e-3;
};

async function measured(rows: readonly GridRow[], change: Partial<MeasureHereRequest> = {}, fake: FakeSettings = {}) {
  const clock = fakeClock();
  const backend = fakeBackend(clock, { seconds: secondsOf, ...fake });
  const progress: string[] = [];
  const request: MeasureHereRequest = {
    ...{ backend, rows, clock, random: seededRandom(1), lastCacheBytes: 65536, memoryBytes: 1e9 },
    ...{
      formats: ["f32"],
      extraSeconds: 1,
      rounds: 6,
      leastSampleSeconds: 0.01,
      onProgress: (done, samples) => progress.push(`${done}/${samples}`),
    },
    ...change,
  };
  return { outcome: await measureHere(request), backend, progress };
}

describe("kernels and steps measured side by side", () => {
  test("have each its own time, in the order asked for, and 4 × 64 KiB in 2 ms are read at 131 MB/s", async () => {
    const { outcome, backend, progress } = await measured([linear(100), residual, linear(300)]);
    const times = outcome.results.map(({ status, time }) => [status, time?.medianSeconds.toFixed(6), time?.samples]);
    expect(times).toEqual([
      ["ok", "0.001000", 6],
      ["ok", "0.001000", 6],
      ["ok", "0.003000", 6],
    ]);
    // 10⁸ multiply-adds, two FLOPs each, in the 1 ms of any other work.
    expect([...outcome.peaks]).toEqual([["f32", expect.closeTo(2e11, -6)]]);
    expect(outcome.read.bytesPerSecond).toBeCloseTo((4 * 65536) / 2e-3, 0);
    expect(progress.at(-1)).toBe("18/18");
    // Copies of a cold row come to 32 MB of reads: 26 kB of weights and more at 100 outputs, 78 kB at 300.
    expect(backend.prepared.filter((work) => work.kind === "linear").length).toBe(1219 + 409);
    expect(backend.prepared.filter((work) => work.kind === "residual").length).toBe(1);
    expect(backend.released.length).toBe(backend.prepared.length);
  });

  test("count from six calm samples on; with fewer, when the time is over, they have the status budget", async () => {
    const { outcome } = await measured([linear(100), linear(300)], { extraSeconds: 0, rounds: 3 });
    expect(outcome.results.map(({ status }) => status)).toEqual(["budget", "budget"]);
    expect([outcome.calm, outcome.taken]).toEqual([6, 6]);
    const six = await measured([linear(100)], { extraSeconds: 0 });
    expect(six.outcome.results[0]?.status).toBe("ok");
  });

  test("have no say in the read ceiling, however fast they read", async () => {
    const fast: FakeSettings["seconds"] = (run, work) =>
      work.kind === "linear" ? 1e-9 * work.outFeatures : secondsOf(run, work);
    const { outcome } = await measured([linear(100), linear(300)], {}, { seconds: fast });
    expect(outcome.read.bytesPerSecond).toBeCloseTo((4 * 65536) / 2e-3, 0);
    expect(outcome.read.spread).toBeCloseTo(1, 9);
  });

  test("share a machine: the read ceiling is that of the fastest quarter of the reads, its spread their best", async () => {
    let reads = 0;
    // Of 100 reads 60 take 4 ms, 38 take 2 ms, 2 take 1.8 ms.
    const shared: FakeSettings["seconds"] = (run, work) => {
      if (work.kind !== "stream") return secondsOf(run, work);
      const place = (37 * reads++) % 100;
      return place < 60 ? 4e-3 : place < 98 ? 2e-3 : 1.8e-3;
    };
    const { outcome } = await measured([linear(100), residual], { rounds: 100, extraSeconds: 0 }, { seconds: shared });
    expect(outcome.read.samples).toBeGreaterThan(200);
    expect(outcome.read.bytesPerSecond).toBeCloseTo((4 * 65536) / 2e-3, 0);
    expect(outcome.read.spread).toBeCloseTo(2 / 1.8, 6);
    expect(outcome.calm).toBeLessThan(outcome.taken / 2);
  });

  test("are taken in lots that fit into memory, each released before the next is prepared", async () => {
    const rows = [100, 200, 300, 400].map(linear);
    const { outcome, backend } = await measured(rows, { memoryBytes: 200_000 });
    expect(outcome.results.map(({ row }) => row)).toEqual(rows);
    expect(outcome.results.every(({ time }) => time !== null)).toBe(true);
    expect(backend.released.length).toBe(backend.prepared.length);
  });

  test("are skipped with the backend's reason where it refuses them; the others go on", async () => {
    const refuse: FakeSettings["prepare"] = (work) =>
      work.kind === "linear" && work.outFeatures === 200 ? { refused: true, reason: "too large" } : null;
    const { outcome } = await measured([linear(100), linear(200)], {}, { prepare: refuse });
    expect(outcome.results.map(({ status, reason }) => [status, reason])).toEqual([
      ["ok", null],
      ["skipped", "too large"],
    ]);
    expect(outcome.results[1]?.time).toBeNull();
  });

  test("fail with the row's name where preparing throws, with the reason where the check is refused", async () => {
    const fails: FakeSettings["prepare"] = (work) => {
      if (work.kind === "linear") throw new Error("no memory left");
      return null;
    };
    await expect(measured([linear(100)], {}, { prepare: fails })).rejects.toThrow(
      "wasm, 2 threads: linear fp32 1 × 64 × 100, cold: no memory left",
    );
    const refuse: FakeSettings["prepare"] = (work) =>
      work.kind === "stream" ? { refused: true, reason: "no streams" } : null;
    await expect(measured([linear(100)], {}, { prepare: refuse })).rejects.toThrow("no streams");
  });

  test("end where they are interrupted", async () => {
    const abort = new AbortController();
    abort.abort(new Error("stopped"));
    await expect(measured([linear(100)], { interrupted: abort.signal })).rejects.toThrow("stopped");
  });
});
