import { describe, expect, test } from "vitest";
import { type RoundSettings, sampleInRounds } from "../../src/measurement/sample-in-rounds.ts";
import { seededRandom } from "../../src/quantity/seeded-random.ts";
import { fakeBackend, fakeClock, preparedOf } from "./fake-backend.ts";

const settings = (change: Partial<RoundSettings> = {}): RoundSettings => ({
  rounds: 5,
  leastCalm: 3,
  extraSeconds: 1,
  tolerance: 0.1,
  random: seededRandom(1),
  ...change,
});

/** Works of 1, 2, 3 … ms and a check of 9 ms, slowed by what the machine does at a run. */
async function sampled(
  slowness: (run: number) => number,
  change: Partial<RoundSettings> = {},
  works = 3,
  leastSampleSeconds = 0.01,
) {
  const clock = fakeClock(1e-7);
  const lengths = new Map<object, number>();
  let run = 0;
  const order: number[] = [];
  const backend = fakeBackend(clock);
  const own = {
    ...backend,
    async runInOrder(kernels: Parameters<typeof backend.runInOrder>[0]) {
      for (const kernel of kernels) {
        order.push(lengths.get(kernel)!);
        clock.pass(lengths.get(kernel)! * slowness(run++));
      }
      return null;
    },
  };
  const [checkKernel] = await preparedOf(own);
  lengths.set(checkKernel!, 9e-3);
  const items: { kernels: Awaited<ReturnType<typeof preparedOf>>; leastSampleSeconds: number }[] = [];
  for (let i = 0; i < works; i++) {
    const kernels = await preparedOf(own, 2);
    for (const kernel of kernels) lengths.set(kernel, (i + 1) * 1e-3);
    items.push({ kernels, leastSampleSeconds });
  }
  const check = { kernel: checkKernel!, seconds: [] };
  const times = await sampleInRounds(own, items, check, clock, settings(change));
  return { times, check, order };
}

describe("samples in rounds", () => {
  test("of a calm machine are the work's own times, one a round, each of at least 10 ms and of all copies alike", async () => {
    const { times } = await sampled(() => 1);
    expect(times.map((time) => Math.round(1e6 * time.medianSeconds))).toEqual([1000, 2000, 3000]);
    expect(times.map((time) => time.samples)).toEqual([5, 5, 5]);
    // 10 runs of 1 ms; 3 × 2 copies of 2 ms; 2 × 2 copies of 3 ms.
    expect(times.map((time) => time.repetitions)).toEqual([5 * 10, 5 * 6, 5 * 4]);
    expect(times.every((time) => time.status === "ok")).toBe(true);
  });

  test("run each copy once where no least time is asked for", async () => {
    const { times } = await sampled(() => 1, {}, 3, 0);
    expect(times.map((time) => time.runsPerSample)).toEqual([2, 2, 2]);
    expect(times.map((time) => Math.round(1e6 * time.medianSeconds))).toEqual([1000, 2000, 3000]);
  });

  test("that were disturbed don't count, and more are taken in their place", async () => {
    // Every other stretch of 40 runs is twice as slow.
    const { times, check } = await sampled((run) => (Math.floor(run / 40) % 2 === 1 ? 2 : 1), {
      rounds: 4,
    });
    expect(times.map((time) => Math.round(1e6 * time.medianSeconds))).toEqual([1000, 2000, 3000]);
    expect(Math.max(...check.seconds)).toBeCloseTo(18e-3, 6);
    expect(times.some((time) => time.samples < 3)).toBe(false);
    expect(times.every((time) => time.status === "ok")).toBe(true);
    for (const { calm, taken, samples } of times) {
      expect(calm).toBe(samples);
      expect(taken).toBeGreaterThan(calm);
    }
  });

  test("stop where the time is over: the third with the fastest checks stands in, and the status says so", async () => {
    // Quick only during the first checks; then slow for good. 17 runs pass before the first sample.
    const slow = { rounds: 6, extraSeconds: 0 };
    const { times } = await sampled((run) => (run >= 17 ? 2 : 1), slow, 2);
    expect(times.map((time) => time.status)).toEqual(["budget", "budget"]);
    expect(times.map((time) => time.samples)).toEqual([2, 2]);
    expect(times.map((time) => Math.round(1e6 * time.medianSeconds))).toEqual([2000, 4000]);
  });

  test("come in another order each round, the same for the same seed", async () => {
    const one = await sampled(() => 1, {}, 6);
    const rounds = one.order.filter((length, i, all) => length !== 9e-3 && all[i - 1] === 9e-3).slice(-30);
    const round = (i: number): string => rounds.slice(6 * i, 6 * i + 6).join();
    expect(new Set([0, 1, 2, 3, 4].map(round)).size).toBeGreaterThan(1);
    for (let i = 0; i < 5; i++) expect(new Set(rounds.slice(6 * i, 6 * i + 6)).size).toBe(6);
    expect((await sampled(() => 1, { random: seededRandom(1) }, 6)).order).toEqual(one.order);
  });

  test("end with the signal's reason where it is aborted", async () => {
    const abort = new AbortController();
    let samples = 0;
    const onSample = (): void => {
      samples += 1;
      if (samples === 4) abort.abort(new Error("stopped"));
    };
    await expect(sampled(() => 1, { onSample, interrupted: abort.signal })).rejects.toThrow("stopped");
    expect(samples).toBe(4);
  });
});
