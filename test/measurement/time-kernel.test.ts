import { describe, expect, it } from "vitest";
import { type KernelTime, type TimingSettings, timeKernel } from "../../src/measurement/time-kernel.ts";
import { type SeededRandom, seededRandom } from "../../src/quantity/seeded-random.ts";
import { type FakeSettings, fakeBackend, fakeClock, preparedOf } from "./fake-backend.ts";

async function timed(
  fake: FakeSettings,
  settings: Partial<TimingSettings> = {},
  { resolution = 1e-7, copies = 1 } = {},
): Promise<KernelTime & { elapsed: number; runs: number[] }> {
  const clock = fakeClock(resolution);
  const backend = fakeBackend(clock, fake);
  const time = await timeKernel(backend, await preparedOf(backend, copies), clock, settings);
  return { ...time, elapsed: clock.nowSeconds(), runs: [...backend.runs.values()] };
}

interface Noise {
  readonly sigma: number;
  /** Of the deviation one run before. */
  readonly kept: number;
}

/** Log-normal seconds whose median is 10 ms. */
function correlated(random: SeededRandom, { sigma, kept }: Noise): () => number {
  let deviation = random.normal();
  return () => {
    deviation = kept * deviation + Math.sqrt(1 - kept * kept) * random.normal();
    return 1e-2 * Math.exp(sigma * deviation);
  };
}

/** Share of 200 timings whose interval holds 10 ms. */
async function coverage(noise: Noise): Promise<number> {
  let held = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const { interval } = await timed({ seconds: correlated(seededRandom(seed), noise) }, { budgetSeconds: 15 });
    if (interval.lowSeconds <= 1e-2 && 1e-2 <= interval.highSeconds) held += 1;
  }
  return held / 200;
}

describe("timeKernel", () => {
  it("of a kernel that always takes 1 ms answers 1 ms after the least number of samples", async () => {
    const time = await timed({ seconds: () => 1e-3 }, { leastSampleSeconds: 0 });
    expect(time).toMatchObject({ status: "ok", samples: 9, runsPerSample: 2, repetitions: 18, clock: "host" });
    for (const seconds of [time.medianSeconds, time.minSeconds, time.maxSeconds]) expect(seconds).toBeCloseTo(1e-3, 9);
    expect(time.madSeconds).toBeCloseTo(0, 9);
    expect(time.interval.level).toBeGreaterThanOrEqual(0.95);
  });

  it("spreads its samples over a tenth of a second", async () => {
    const time = await timed({ seconds: () => 1e-3 });
    expect(time.samples).toBe(50);
  });

  it("makes a batch at least 200 times the clock's resolution", async () => {
    const fine = await timed({ seconds: () => 1e-6 }, { leastBatchSeconds: 0 }, { resolution: 1e-7 });
    expect(fine.runsPerSample).toBeGreaterThanOrEqual(20);
    expect(fine.runsPerSample).toBeLessThan(50);
    const coarse = await timed({ seconds: () => 1e-6 }, { leastBatchSeconds: 0 }, { resolution: 1e-4 });
    expect(coarse.runsPerSample).toBeGreaterThanOrEqual(20_000);
    expect(coarse).toMatchObject({ status: "ok" });
    expect(coarse.medianSeconds).toBeCloseTo(1e-6, 8);
  });

  it("says so where the clock can't resolve 100,000 runs", async () => {
    const time = await timed({ seconds: () => 1e-7 }, {}, { resolution: 0.0156 });
    expect(time).toMatchObject({ status: "unresolved", samples: 1, runsPerSample: 100_000 });
  });

  it("believes the device's clock, however coarse the caller's", async () => {
    const time = await timed({ seconds: () => 1e-6, deviceClock: true }, {}, { resolution: 0.0156 });
    expect(time).toMatchObject({ status: "ok", clock: "device" });
    expect(time.medianSeconds).toBeCloseTo(1e-6, 12);
  });

  it("converges to the median of noisy runs within the precision, with outliers in one run of ten", async () => {
    const random = seededRandom(7);
    const noisy = (): number => 1e-2 * (1 + 0.06 * random.normal()) * (random.uniform() < 0.1 ? 3 : 1);
    const time = await timed({ seconds: noisy }, { budgetSeconds: 30 });
    expect(time.status).toBe("ok");
    expect(time.samples).toBeGreaterThan(9);
    expect(time.medianSeconds).toBeGreaterThan(0.97e-2);
    expect(time.medianSeconds).toBeLessThan(1.03e-2);
    const halfWidth = (time.interval.highSeconds - time.interval.lowSeconds) / 2 / time.medianSeconds;
    expect(halfWidth).toBeLessThanOrEqual(0.02);
    expect(time.maxSeconds).toBeGreaterThan(2 * time.medianSeconds);
    expect(time.madSeconds).toBeLessThan(0.08 * time.medianSeconds);
  });

  it("holds the true median in its interval in nine cases of ten, stopping when it will: 10 % of log-normal noise", async () => {
    expect(await coverage({ sigma: 0.1, kept: 0 })).toBeGreaterThanOrEqual(0.9);
  });

  it("does so in eight of ten where each sample keeps 0.8 of the one before", async () => {
    expect(await coverage({ sigma: 0.1, kept: 0.8 })).toBeGreaterThanOrEqual(0.8);
    expect(await coverage({ sigma: 0.05, kept: 0.8 })).toBeGreaterThanOrEqual(0.8);
  });

  it("gives an interval of correlated samples less than 95 % where they are worth fewer than six, and calls them not known", async () => {
    const random = seededRandom(5);
    const seconds = correlated(random, { sigma: 0.2, kept: 0.995 });
    const time = await timed({ seconds }, { budgetSeconds: 2 });
    expect(time.status).toBe("budget");
    expect(time.samples).toBeGreaterThan(100);
    expect(time.interval.level).toBeLessThan(0.95);
  });

  it("runs once what takes longer than its time and a second, and says so; a first run that is only slow again", async () => {
    let runs = 0;
    const seconds = (): number => {
      runs += 1;
      return 30;
    };
    const long = await timed({ seconds }, { budgetSeconds: 3 });
    expect(runs).toBe(1);
    expect(long).toMatchObject({ status: "budget", samples: 1, repetitions: 1 });
    expect(long.medianSeconds).toBeCloseTo(30, 5);
    const compiled = await timed({ seconds: (run) => (run === 0 ? 0.5 : 1e-3) }, { budgetSeconds: 0.15 });
    expect(compiled.medianSeconds).toBeCloseTo(1e-3, 6);
  });

  it("takes more samples for a finer precision", async () => {
    const noisy = (): (() => number) => {
      const random = seededRandom(11);
      return () => 1e-2 * (1 + 0.05 * random.uniform());
    };
    const rough = await timed({ seconds: noisy() }, { precision: 0.05 });
    const fine = await timed({ seconds: noisy() }, { precision: 0.003, budgetSeconds: 30 });
    expect(rough.samples).toBeLessThan(12);
    expect(fine.samples).toBeGreaterThan(20);
  });

  it("ends with the budget where a kernel is now twice as fast and now not", async () => {
    const time = await timed({ seconds: (run) => (run % 2 === 0 ? 1e-2 : 2e-2) }, { budgetSeconds: 2 });
    expect(time.status).toBe("budget");
    expect(time.elapsed).toBeGreaterThanOrEqual(2);
    expect(time.elapsed).toBeLessThan(2.05);
    expect(time.interval).toMatchObject({ lowSeconds: expect.closeTo(1e-2, 6), highSeconds: expect.closeTo(2e-2, 6) });
  });

  it("does not take a drift for certainty: slower by 0.2 % each run ends with the budget, by 0.02 % does not", async () => {
    const drifting = (share: number): Promise<KernelTime> =>
      timed({ seconds: (run) => 1e-2 * (1 + share) ** run }, { leastSamples: 60 });
    const time = await drifting(0.002);
    expect(time.status).toBe("budget");
    expect((await drifting(0.0002)).status).toBe("ok");
  });

  it("takes one sample at least, and no more where one run is longer than the budget", async () => {
    const time = await timed({ seconds: () => 10 }, { budgetSeconds: 1 });
    expect(time).toMatchObject({ status: "budget", samples: 1, repetitions: 1, interval: { level: 0 } });
    expect(time.medianSeconds).toBeCloseTo(10, 6);
    expect(time.runs).toEqual([1]);
  });

  it("lets slow first runs pass, and pauses between the rounds of warming up", async () => {
    const clock = fakeClock();
    // 4 times slower until compiled, which a pause gives time for.
    const backend = fakeBackend(clock, { seconds: () => (clock.paused.seconds < 0.02 ? 4e-3 : 1e-3) });
    const time = await timeKernel(backend, await preparedOf(backend), clock);
    expect(time.status).toBe("ok");
    expect(time.maxSeconds).toBeCloseTo(1e-3, 6);
    expect(clock.paused.seconds).toBeGreaterThanOrEqual(0.02);
  });

  it("takes longer batches where the runs become faster after warming up", async () => {
    const time = await timed(
      { seconds: (run) => (run < 113 ? 1e-4 : 1e-6) },
      { leastBatchSeconds: 0, warmUpSeconds: 0.01 },
    );
    expect(time.status).toBe("ok");
    expect(time.medianSeconds).toBeCloseTo(1e-6, 8);
    expect(time.runsPerSample).toBeGreaterThanOrEqual(20);
  });

  it("takes a sample that the clock resolves even where the budget is over before", async () => {
    const time = await timed(
      { seconds: (run) => (run < 1 ? 1e-2 : 1e-6) },
      { budgetSeconds: 1e-3, leastBatchSeconds: 0 },
    );
    expect(time).toMatchObject({ status: "budget", samples: 1 });
    expect(time.medianSeconds).toBeCloseTo(1e-6, 7);
    expect(time.runsPerSample).toBeGreaterThanOrEqual(20);
  });

  it("runs copies in turn, so that none is run twice more than another", async () => {
    const { runs, status } = await timed({ seconds: () => 3e-4 }, {}, { copies: 5 });
    expect(status).toBe("ok");
    expect(runs).toHaveLength(5);
    expect(Math.max(...runs) - Math.min(...runs)).toBeLessThanOrEqual(1);
  });

  it("stops when interrupted, with the signal's reason, and throws what a run throws", async () => {
    const clock = fakeClock();
    const abort = new AbortController();
    const runs = (run: number): number => {
      if (run === 15) abort.abort(new Error("Ctrl-C"));
      return 1e-2;
    };
    const backend = fakeBackend(clock, { seconds: runs });
    const kernels = await preparedOf(backend);
    await expect(timeKernel(backend, kernels, clock, { interrupted: abort.signal })).rejects.toThrow("Ctrl-C");
    expect(backend.runs.get(kernels[0] as (typeof kernels)[0])).toBe(16);
    const dead = fakeBackend(clock, {
      seconds: () => {
        throw new Error("a thread died");
      },
    });
    await expect(timeKernel(dead, await preparedOf(dead), clock)).rejects.toThrow("a thread died");
    await expect(timeKernel(dead, [], clock)).rejects.toThrow(RangeError);
  });
});
