import { describe, expect, it } from "vitest";
import { ceilingGrid, workingSets } from "../../src/measurement/ceiling-grid.ts";
import { type CeilingSettings, type Ceilings, ceilingPoints, measureCeilings } from "../../src/measurement/ceilings.ts";
import { type FakeMachine, fakeMachineBackend, fakeMachineClock, fourLevels } from "./fake-machine.ts";

const last = 2 ** 25;

async function measured(
  machine: FakeMachine = fourLevels,
  settings: Partial<CeilingSettings> = {},
  threads: readonly number[] = [1, 2],
): Promise<Ceilings> {
  const clock = fakeMachineClock();
  const backends = threads.map((each) => ({ threads: each, backend: fakeMachineBackend(machine, each, clock) }));
  return measureCeilings(backends, clock, { lastCacheBytes: last, quick: true, ...settings });
}

describe("workingSets", () => {
  it("of a machine with 32 MiB of last cache go from 16 KiB to 256 MiB by factors of √2", () => {
    const sets = workingSets(last, 2);
    expect(sets).toHaveLength(29);
    expect(sets.slice(0, 4)).toEqual([16384, 23552, 32768, 46080]);
    expect(sets.at(-1)).toBe(2 ** 28);
  });

  it("reach twice four last caches, so that several points are memory's", () => {
    expect(workingSets(2 ** 28, 1).at(-1)).toBe(2 ** 31);
    expect(workingSets(null, 1).at(-1)).toBe(2 ** 28);
    expect(workingSets(2 ** 20, 0.5).at(-1)).toBe(2 ** 28);
  });
});

describe("ceilingGrid", () => {
  it("has every stream, format and start on every number of threads", () => {
    const grid = ceilingGrid({ threads: [1, 4], lastCacheBytes: last, formats: ["f32", "int8"], quick: false });
    for (const threads of [1, 4]) {
      const own = grid.filter((point) => point.threads === threads);
      expect(own.filter(({ kind }) => kind === "empty")).toHaveLength(1);
      expect(own.filter(({ kind }) => kind === "multiply-add")).toHaveLength(2);
      const streams = own.flatMap((point) => (point.kind === "stream" ? [point.stream] : []));
      expect(streams.filter((stream) => stream === "read")).toHaveLength(29);
      for (const other of ["write", "copy", "triad"]) {
        expect(streams.filter((stream) => stream === other)).toHaveLength(15);
      }
    }
  });
});

describe("measureCeilings", () => {
  it("finds the bandwidth of every working set and the peak of every format to 1 %: a start is a hundredth of a run", async () => {
    const ceilings = await measured();
    expect(ceilings.refused).toEqual([]);
    for (const { threads, workingSetBytes, bytesPerSecond, stream } of ceilings.streams) {
      const set = `${stream} of ${workingSetBytes} on ${threads}`;
      const level = fourLevels.levels.find((each, i) => workingSetBytes <= each.bytes * (i < 2 ? threads : 1));
      const rate = threads * (level?.bytesPerSecond ?? 0);
      expect(bytesPerSecond.median, set).toBeLessThanOrEqual(rate * 1.001);
      expect(bytesPerSecond.median, set).toBeGreaterThan(rate * 0.985);
      expect(bytesPerSecond.least).toBeLessThanOrEqual(bytesPerSecond.median);
      expect(bytesPerSecond.largest).toBeGreaterThanOrEqual(bytesPerSecond.median);
    }
    const peaks = Object.fromEntries(
      ceilings.multiplyAdds.map((each) => [`${each.format} ${each.threads}`, each.flopsPerSecond.median / 1e9]),
    );
    expect(peaks["f32 1"]).toBeCloseTo(40, 0);
    expect(peaks["f32 2"]).toBeCloseTo(79.5, 0);
    expect(peaks["bf16 1"]).toBeCloseTo(32, 0);
    expect(peaks["int8 1"]).toBeCloseTo(25, 0);
    for (const { seconds } of ceilings.starts) expect(seconds.median).toBeCloseTo(1e-6, 8);
  });

  it("measures each point in every round and tells each", async () => {
    const done: number[] = [];
    const settings: CeilingSettings = { lastCacheBytes: last, quick: true, rounds: 2, onProgress: (n) => done.push(n) };
    const ceilings = await measured(fourLevels, settings);
    const points = ceilingPoints([1, 2], settings);
    expect(done).toEqual(Array.from({ length: points }, (_, i) => i + 1));
    const once = await measured(fourLevels, { ...settings, rounds: 1 });
    const samples = (of: Ceilings): number => of.streams.reduce((sum, each) => sum + each.bytesPerSecond.samples, 0);
    expect(samples(ceilings)).toBeGreaterThan(1.5 * samples(once));
    expect(ceilingPoints([1, 2], { lastCacheBytes: last })).toBe(3 * 2 * (1 + 3 + 29 + 3 * 15));
  });

  it("begins no round that would not be over in its time, but always the first", async () => {
    const samples = async (budgetSeconds: number): Promise<number> => {
      const { streams } = await measured(fourLevels, { rounds: 4, budgetSeconds });
      return streams.reduce((sum, each) => sum + each.bytesPerSecond.samples, 0);
    };
    const [one, all] = [await samples(1e-9), await samples(1e9)];
    expect(all).toBeGreaterThan(3 * one);
    const clock = fakeMachineClock();
    const backend = fakeMachineBackend(fourLevels, 1, clock);
    await measureCeilings([{ threads: 1, backend }], clock, { lastCacheBytes: last, quick: true, rounds: 1 });
    const half = await measured(fourLevels, { rounds: 4, budgetSeconds: 2.2 * clock.nowSeconds() }, [1]);
    expect(half.streams[0]?.bytesPerSecond.samples).toBeLessThan(all);
  });

  it("makes a run longer where starting costs much, so that the start does not show", async () => {
    const slowStart = { ...fourLevels, startSeconds: 1e-3 };
    const { streams } = await measured(slowStart, {}, [1]);
    for (const { bytesPerSecond, workingSetBytes } of streams) {
      if (workingSetBytes <= 2 ** 15) expect(bytesPerSecond.median).toBeGreaterThan(0.985 * 100e9);
    }
  });

  it("leaves out what the backend refuses, with its reason, and measures the rest", async () => {
    const refuse: FakeMachine["refuse"] = (work) => {
      if (work.kind === "stream" && work.workingSetBytes > 2 ** 27) return "takes more than 128 MiB";
      if (work.kind === "multiply-add" && work.format === "int8") return "has no int8";
      return work.kind === "empty" ? "starts nothing" : null;
    };
    const { streams, refused, multiplyAdds, starts } = await measured({ ...fourLevels, refuse }, { rounds: 2 }, [1]);
    expect(Math.max(...streams.map((each) => each.workingSetBytes))).toBe(2 ** 27);
    expect(multiplyAdds.map((each) => each.format)).toEqual(["f32", "bf16"]);
    expect(starts).toEqual([]);
    expect(refused).toContain("read of 268435456 bytes on 1 thread: takes more than 128 MiB");
    expect(refused).toContain("multiply-adds of int8 on 1 thread: has no int8");
    expect(refused).toContain("an empty kernel on 1 thread: starts nothing");
  });

  it("counts a run by its own figures where the backend does not", async () => {
    const clock = fakeMachineClock();
    const backend = fakeMachineBackend(fourLevels, 1, clock);
    const prepare = backend.prepare.bind(backend);
    backend.prepare = async (work) => {
      const kernel = await prepare(work);
      if (!kernel.refused) delete (kernel as { amount?: number }).amount;
      return kernel;
    };
    const { streams } = await measureCeilings([{ threads: 1, backend }], clock, { lastCacheBytes: last, quick: true });
    expect(streams[0]?.bytesPerSecond.median).toBeGreaterThan(0.985 * 100e9);
  });

  it("ends with what a run throws, and with the reason of an interruption", async () => {
    await expect(measured({ ...fourLevels, failing: "multiply-add" })).rejects.toThrow("the thread ended");
    const abort = new AbortController();
    let runs = 0;
    const onRun = (): void => {
      if (++runs === 1000) abort.abort(new Error("Ctrl-C"));
    };
    await expect(measured({ ...fourLevels, onRun }, { interrupted: abort.signal })).rejects.toThrow("Ctrl-C");
    expect(runs).toBeGreaterThanOrEqual(1000);
  });

  it("is the same from the same seed, and in another order from another", async () => {
    const order = async (seed: number): Promise<string> => {
      const seen: string[] = [];
      const refuse: FakeMachine["refuse"] = (work) => {
        seen.push(JSON.stringify(work));
        return null;
      };
      await measured({ ...fourLevels, refuse }, { seed }, [1]);
      return seen.join();
    };
    expect(await order(1)).toBe(await order(1));
    expect(await order(1)).not.toBe(await order(2));
  });
});
