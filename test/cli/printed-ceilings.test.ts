import { describe, expect, it } from "vitest";
import { measuredCeilings } from "../../src/cli/printed-ceilings.ts";
import { workingSets } from "../../src/measurement/ceiling-grid.ts";
import type { CeilingFigure, Ceilings } from "../../src/measurement/ceilings.ts";
import { describedMachine } from "../measurement/fake-machine.ts";

const [KiB, MiB] = [1024, 2 ** 20];
const figure = (median: number): CeilingFigure => {
  return { median, least: median, largest: median, deviation: 0, samples: 9 };
};

/** One thread that reads working sets at these rates, in GB/s. */
function ceilingsOf(rate: (bytes: number) => number): Ceilings {
  const streams = workingSets(32 * MiB, 2).map((workingSetBytes) => {
    return {
      stream: "read" as const,
      threads: 1,
      workingSetBytes,
      bytesPerSecond: figure(1e9 * rate(workingSetBytes)),
    };
  });
  return {
    backend: "wasm",
    streams,
    multiplyAdds: [{ format: "f32", threads: 1, flopsPerSecond: figure(40e9) }],
    starts: [{ threads: 1, seconds: figure(1e-6) }],
    refused: [],
  };
}

const steps = (bytes: number): number => (bytes <= 32 * KiB ? 100 : bytes <= MiB ? 50 : bytes <= 32 * MiB ? 20 : 8);

describe("what makes measured ceilings doubtful", () => {
  it("is nothing where the working sets of each level are read alike", () => {
    expect(measuredCeilings(ceilingsOf(steps), describedMachine(), 1).notes).toEqual([]);
  });

  it("is a cache whose working sets differ by more than half as much again", () => {
    const twoFold = (factor: number) => (bytes: number) => (bytes === 8 * MiB ? factor : 1) * steps(bytes);
    const notes = (factor: number) => measuredCeilings(ceilingsOf(twoFold(factor)), describedMachine(), 1).notes;
    expect(notes(1.45)).toEqual([]);
    expect(notes(2.2)).toEqual([
      "reads from L3 on 1 thread differ from 20.0 GB/s to 44.0 GB/s: measure again while nothing else runs",
    ]);
  });
});
