import { afterEach, describe, expect, it, vi } from "vitest";
import { delayedProgress } from "../../src/cli/delayed-progress.ts";
import { noProgress, progressMaker, sweepProgress } from "../../src/cli/sweep-progress.ts";

const bars: { started: [number, number][]; updates: number[]; stops: number }[] = [];

vi.mock("cli-progress", () => ({
  default: {
    SingleBar: class {
      readonly said: (typeof bars)[number] = { started: [], updates: [], stops: 0 };
      constructor(readonly options: { format: string }) {
        bars.push(this.said);
      }
      start(total: number, from: number): void {
        this.said.started.push([total, from]);
      }
      update(done: number): void {
        this.said.updates.push(done);
      }
      stop(): void {
        this.said.stops += 1;
      }
    },
  },
}));

afterEach(() => {
  bars.length = 0;
});

/** A clock that is moved by hand. */
function clock(): { now: () => number; at: (milliseconds: number) => void } {
  let time = 5000;
  return {
    now: () => time,
    at: (milliseconds) => {
      time = 5000 + milliseconds;
    },
  };
}

describe("delayedProgress", () => {
  it("shows nothing until a second has passed, then what is done", async () => {
    const { now, at } = clock();
    const progress = await delayedProgress(100, "requests", { isTerminal: true }, now);
    progress.update(10);
    at(999);
    progress.update(20);
    expect(bars).toEqual([]);
    at(1000);
    progress.update(30);
    progress.update(40);
    progress.stop();
    expect(bars).toEqual([{ started: [[100, 0]], updates: [30, 40], stops: 1 }]);
  });

  it("leaves nothing to stop where the work was over before", async () => {
    const progress = await delayedProgress(100, "requests", { isTerminal: true }, clock().now);
    progress.update(100);
    progress.stop();
    expect(bars).toEqual([]);
  });

  it("shows nothing without a terminal and for no work", async () => {
    expect(await delayedProgress(100, "requests", { isTerminal: false })).toBe(noProgress);
    expect(await delayedProgress(0, "requests", { isTerminal: true })).toBe(noProgress);
    noProgress.update(1);
    noProgress.stop();
    expect(bars).toEqual([]);
  });
});

describe("sweepProgress", () => {
  it("is a bar from the start, and progressMaker makes the same later", async () => {
    const bar = await sweepProgress(7);
    bar.update(3);
    bar.stop();
    const made = (await progressMaker())(9, "steps");
    made.stop();
    expect(bars).toEqual([
      { started: [[7, 0]], updates: [3], stops: 1 },
      { started: [[9, 0]], updates: [], stops: 1 },
    ]);
  });
});
