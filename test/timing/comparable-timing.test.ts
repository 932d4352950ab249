import { describe, expect, it } from "vitest";
import type { TimingChoice } from "../../src/timing/choose-timing.ts";
import { comparableTiming } from "../../src/timing/comparable-timing.ts";
import { calibrationOf, fasterHardware, roundFit, roundHardware } from "../fixtures/synthetic-fit.ts";

const open: TimingChoice = { timing: null, engine: null, calibrations: [roundFit] };
const other = fasterHardware(2, "other");

describe("comparableTiming", () => {
  it("takes the roofline for all where one machine has no fit, and says which", () => {
    const { timing, notes } = comparableTiming(open, [roundHardware, other, other]);
    expect(timing).toBe("roofline");
    expect(notes).toEqual([expect.stringMatching(/^roofline for all machines: no fit of other \(/)]);
  });

  it("leaves the choice where all have a fit, none has, there is one machine, or the timing was asked for", () => {
    for (const machines of [[roundHardware], [roundHardware, roundHardware], [other], []]) {
      expect(comparableTiming(open, machines)).toBe(open);
    }
    const asked: TimingChoice = { ...open, timing: "calibrated" };
    expect(comparableTiming(asked, [roundHardware, other])).toBe(asked);
  });

  it("takes one software for all where their fits are of different ones, and says so", () => {
    const vllm = (hardware: typeof roundHardware) => calibrationOf(roundFit.kernels, hardware, "vllm");
    const both: TimingChoice = { ...open, calibrations: [roundFit, vllm(roundHardware), vllm(other)] };
    for (const timing of [null, "calibrated"] as const) {
      const { engine, notes } = comparableTiming({ ...both, timing }, [roundHardware, other]);
      expect(engine).toBe("vllm");
      expect(notes).toEqual([expect.stringMatching(/^vLLM .* on all machines: their fits are of different software/)]);
    }
    // No software that both have a fit of: the first machine's.
    const apart: TimingChoice = { ...open, calibrations: [roundFit, vllm(other)] };
    expect(comparableTiming(apart, [roundHardware, other]).engine).toBe("pytorch-graph");
    const named: TimingChoice = { ...both, engine: "ideal" };
    expect(comparableTiming(named, [roundHardware, other])).toBe(named);
    expect(comparableTiming(both, [other])).toBe(both);
  });

  it("keeps what was to be said", () => {
    expect(comparableTiming({ ...open, notes: ["first"] }, [roundHardware, other]).notes).toHaveLength(2);
  });
});
