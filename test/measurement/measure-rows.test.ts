import { describe, expect, it } from "vitest";
import type { KernelBackend, KernelWork } from "../../src/kernels/kernel.ts";
import { describeGridRow } from "../../src/measurement/describe-grid-row.ts";
import { type MeasureOutcome, type MeasureRequest, measureRows } from "../../src/measurement/measure-rows.ts";
import { type RowResult, rowKey } from "../../src/measurement/measured-cells.ts";
import type { GridRow } from "../../src/measurement/measured-shape.ts";
import { type FakeBackend, type FakeSettings, fakeBackend, fakeClock } from "./fake-backend.ts";

const linear = (n: number, more: Partial<GridRow> = {}): GridRow => ({
  shape: { kind: "linear", dtype: "fp32", what: "", m: 1, k: 64, n },
  backend: "wasm",
  threads: 1,
  cold: false,
  ...more,
});
const rows = [linear(64), linear(128), linear(192), linear(256)];
const featuresOf = (work: KernelWork): number => (work.kind === "linear" ? work.outFeatures : 0);

interface Run extends MeasureOutcome {
  readonly recorded: readonly RowResult[];
  readonly made: readonly FakeBackend[];
  readonly seconds: number;
}

async function measured(fake: FakeSettings, request: Partial<MeasureRequest> = {}): Promise<Run> {
  const clock = fakeClock();
  const recorded: RowResult[] = [];
  const made: FakeBackend[] = [];
  const outcome = await measureRows({
    rows,
    clock,
    backendOf: async (name) => {
      const backend = fakeBackend(clock, { ...fake, name });
      made.push(backend);
      return backend;
    },
    lastCacheBytes: 1e6,
    memoryBytes: 1e9,
    record: async (result) => {
      recorded.push(result);
    },
    ...request,
  });
  return { ...outcome, recorded, made, seconds: clock.nowSeconds() };
}

const statuses = (run: Run): string[] => run.recorded.map(({ status }) => status);

describe("measureRows", () => {
  it("times every row in the order given, records each before the next, and closes the backend", async () => {
    const run = await measured({ seconds: (_, work) => featuresOf(work) * 1e-5 });
    expect(run.interrupted).toBe(false);
    expect(run.recorded).toEqual(run.results);
    expect(run.recorded.map(({ row }) => row)).toEqual(rows);
    run.recorded.forEach(({ time }, i) => {
      expect(time?.medianSeconds).toBeCloseTo((i + 1) * 64e-5, 8);
    });
    expect(run.made).toHaveLength(1);
    expect(run.made[0]?.closed.times).toBe(1);
    expect(run.made[0]?.released).toHaveLength(4);
  });

  it("makes one backend for each name and number of threads, however they alternate", async () => {
    const mixed = [linear(64), linear(64, { threads: 2 }), linear(128), linear(128, { threads: 2 })];
    const run = await measured({}, { rows: mixed });
    expect(run.made).toHaveLength(2);
    expect(run.made.map(({ prepared }) => prepared.length)).toEqual([2, 2]);
  });

  it("skips what a backend refuses, with its reason, and goes on", async () => {
    const reason = "the buffers take 5 bytes, at most 4";
    const run = await measured({ prepare: (work) => (featuresOf(work) === 128 ? { refused: true, reason } : null) });
    expect(statuses(run)).toEqual(["ok", "skipped", "ok", "ok"]);
    expect(run.recorded[1]).toMatchObject({ reason, time: null });
    expect(run.made[0]?.closed.times).toBe(1);
  });

  it("skips what does not fit into memory, with both numbers, without asking the backend", async () => {
    const run = await measured({}, { rows: [linear(1_000_000)], memoryBytes: 400e6 });
    expect(run.recorded[0]?.reason).toMatch(/^needs 51\d MB of memory, 400 MB may be used$/);
    expect(run.made).toHaveLength(0);
  });

  it.each<[string, (work: KernelWork) => never]>([
    [
      "a shader that fails to compile",
      () => {
        throw new Error("shader linear: line 3: unknown identifier");
      },
    ],
    [
      "an allocation that fails",
      () => {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      },
    ],
  ])("%s fails its row, makes the backend anew, and the others go on", async (_, failure) => {
    const run = await measured({ prepare: (work) => (featuresOf(work) === 128 ? failure(work) : null) });
    expect(statuses(run)).toEqual(["ok", "failed", "ok", "ok"]);
    expect(run.recorded[1]?.reason).toMatch(/shader linear: line 3|could not allocate/);
    expect(run.made.map(({ closed }) => closed.times)).toEqual([1, 1]);
  });

  it("a thread that dies or a lost device while a row runs fails that row alone, and its kernels are released", async () => {
    const dying = (_: number, work: KernelWork): number => {
      if (featuresOf(work) === 192) throw new Error("the GPU device was lost: unplugged");
      return 1e-3;
    };
    const run = await measured({ seconds: dying });
    expect(statuses(run)).toEqual(["ok", "ok", "failed", "ok"]);
    expect(run.recorded[2]?.reason).toBe("the GPU device was lost: unplugged");
    expect(run.made).toHaveLength(2);
    expect(run.made[0]?.released).toHaveLength(3);
  });

  it("a backend that can't be made, or can't be closed or released after a failure, fails rows and nothing more", async () => {
    const clock = fakeClock();
    let asked = 0;
    const backendOf = async (): Promise<KernelBackend> => {
      asked += 1;
      if (asked === 2) throw new Error("no adapter");
      const backend = fakeBackend(clock, {
        seconds: (_, work) => {
          if (featuresOf(work) === 64) throw new Error("lost");
          return 1e-3;
        },
      });
      return {
        ...backend,
        close: () => Promise.reject(new Error("closed already")),
        prepare: async (work) => {
          const kernel = await backend.prepare(work);
          const release = (): never => {
            throw new Error("lost");
          };
          return kernel.refused ? kernel : { ...kernel, release, run: kernel.run };
        },
        runInOrder: async (kernels) => {
          for (const kernel of kernels) await kernel.run();
          return null;
        },
      };
    };
    const run = await measured({}, { backendOf, clock });
    expect(run.recorded.map(({ status, reason }) => reason ?? status)).toEqual(["lost", "no adapter", "ok", "ok"]);
  });

  it("a row whose record can't be written fails with the reason, and the others go on", async () => {
    const kept: RowResult[] = [];
    let calls = 0;
    const record = async (result: RowResult): Promise<void> => {
      calls += 1;
      if (calls === 2 || calls === 3) throw new Error("cannot write linear.csv: no space left on device");
      kept.push(result);
    };
    const run = await measured({}, { record });
    expect(run.results.map(({ status }) => status)).toEqual(["ok", "failed", "failed", "ok"]);
    expect(run.results[1]).toMatchObject({ reason: expect.stringContaining("no space left"), time: null });
    expect(kept).toHaveLength(2);
    expect(run.unwritable).toBeNull();
    expect(run.made).toHaveLength(1);
  });

  it("three records in a row that can't be written end the work, and the backend is closed", async () => {
    const made: FakeBackend[] = [];
    const clock = fakeClock();
    const record = (): Promise<void> => Promise.reject(new Error("no space left on device"));
    const backendOf = async (): Promise<KernelBackend> => {
      const backend = fakeBackend(clock);
      made.push(backend);
      return backend;
    };
    const run = await measured({}, { record, backendOf, clock });
    expect(run).toMatchObject({ unwritable: "no space left on device", interrupted: true });
    expect(run.results.map(({ status, reason }) => `${status}: ${reason}`)).toEqual(
      new Array(3).fill("failed: no space left on device"),
    );
    expect(made[0]?.closed.times).toBe(1);
    expect(made[0]?.prepared).toHaveLength(3);
  });

  it("interrupted between rows or within one, loses at most the row under way", async () => {
    const abort = new AbortController();
    const stopping = (_: number, work: KernelWork): number => {
      if (featuresOf(work) === 192) abort.abort(new Error("Ctrl-C"));
      return 1e-3;
    };
    const run = await measured({ seconds: stopping }, { interrupted: abort.signal });
    expect(run.interrupted).toBe(true);
    expect(statuses(run)).toEqual(["ok", "ok"]);
    const before = await measured({}, { interrupted: abort.signal });
    expect(before).toMatchObject({ recorded: [], interrupted: true });
    const copies = new AbortController();
    const prepare = (): null => {
      copies.abort(new Error("Ctrl-C"));
      return null;
    };
    const cold = [linear(1024, { cold: true })];
    const during = await measured({ prepare }, { rows: cold, interrupted: copies.signal });
    expect(during).toMatchObject({ recorded: [], interrupted: true });
  });

  it("prepares so many copies of a cold row that they pass the last cache twice, and one of a warm one", async () => {
    const one = 64 * 1024 * 4;
    const cold = await measured({}, { rows: [linear(1024, { cold: true })], lastCacheBytes: 1e6 });
    const copies = cold.made[0]?.prepared.length ?? 0;
    expect(copies * one).toBeGreaterThan(2e6 * 0.97);
    expect((copies - 1) * one).toBeLessThan(2e6);
    const warm = await measured({}, { rows: [linear(1024)], lastCacheBytes: 1e6 });
    expect(warm.made[0]?.prepared).toHaveLength(1);
  });

  it("fails a row that the clock can't resolve, and says what it resolves", async () => {
    const run = await measured({ seconds: () => 1e-11 }, { rows: [linear(64)] });
    expect(run.recorded[0]).toMatchObject({ status: "failed", time: null });
    expect(run.recorded[0]?.reason).toContain("resolution of 100 ns");
  });

  it("divides a budget over the rows: noisy ones get what is left, and all are measured", async () => {
    const bimodal = (run: number): number => (run % 2 === 0 ? 3e-3 : 6e-3);
    const free = await measured({ seconds: bimodal }, { timing: { budgetSeconds: 2 } });
    expect(free.seconds).toBeGreaterThan(7.9);
    const bounded = await measured({ seconds: bimodal }, { timing: { budgetSeconds: 2 }, budgetSeconds: 4 });
    expect(statuses(bounded)).toEqual(["budget", "budget", "budget", "budget"]);
    expect(bounded.seconds).toBeGreaterThan(3.9);
    expect(bounded.seconds).toBeLessThan(4.1);
  });

  it("tells of each row before it is taken", async () => {
    const told: string[] = [];
    await measured({}, { onRow: (row, done) => told.push(`${done} ${rowKey(row)} ${describeGridRow(row)}`) });
    expect(told).toHaveLength(4);
    expect(told[1]).toBe("1 linear|wasm|1||fp32|fp32|1|64|128|0 wasm, 1 thread: linear fp32 1 × 64 × 128, warm");
  });
});
