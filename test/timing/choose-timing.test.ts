import { describe, expect, it } from "vitest";
import { evaluateStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { withCeilings } from "../../src/hardware/measured-ceilings.ts";
import type { Calibration } from "../../src/timing/calibration.ts";
import { chooseTiming, type TimingChoice } from "../../src/timing/choose-timing.ts";
import { modelProfile } from "../fixtures/profiles.ts";
import { calibrationOf, fasterHardware, fittedKernel, roundFit, roundHardware } from "../fixtures/synthetic-fit.ts";

const llama = modelProfile("llama-2-7b");

function chosen(hardware: Hardware, choice: Partial<TimingChoice> = {}) {
  return chooseTiming(hardware, { timing: null, engine: null, calibrations: [roundFit], ...choice });
}

function step(hardware: Hardware, choice: Partial<TimingChoice> = {}) {
  const predictor = stepPredictor(llama, hardware, { timing: chosen(hardware, choice) });
  const { seconds, interval } = evaluateStep(predictor, { batch: 16, context: 4096 });
  return { seconds, width: interval === null ? 0 : (interval.high - interval.low) / seconds, ...predictor.timing };
}

describe("chooseTiming", () => {
  it("is calibrated where a fit of the machine exists, else the roofline", () => {
    const own = chosen(roundHardware);
    expect([own.id, own.engine, own.calibration]).toEqual(["calibrated", "pytorch-graph", "round-pytorch-graph"]);
    const other = chosen(fasterHardware(2, "other"));
    expect([other.id, other.engine, other.calibration]).toEqual(["roofline", null, null]);
    expect(chosen(roundHardware, { timing: "roofline" }).id).toBe("roofline");
    expect(chosen(roundHardware, { calibrations: [] }).id).toBe("roofline");
  });

  it("carries a fit over where it is asked for, by ceilings, says so, and is less sure", () => {
    const own = step(roundHardware);
    const twice = step(fasterHardware(2, "other"), { timing: "calibrated" });
    expect(own.notes.some((note) => note.includes("carried over"))).toBe(false);
    expect(twice.notes).toContainEqual(expect.stringMatching(/^no fit of other: that of round .* by its datasheet/));
    expect(twice.notes.join()).not.toContain("kernels are like");
    const cpu = step({ ...fasterHardware(2, "other"), kind: "cpu" }, { timing: "calibrated" });
    expect(cpu.notes).toContainEqual(
      expect.stringMatching(/whether a cpu's kernels are like them, nothing here says$/),
    );
    expect(twice.width).toBeGreaterThan(2 * own.width);
    const measured = { ...fasterHardware(2, "other"), basis: "measured" as const };
    const surer = step(measured, { timing: "calibrated" });
    expect(surer.width).toBeLessThan(twice.width);
    expect(surer.width).toBeGreaterThan(own.width);
    const foreign = step({ ...fasterHardware(2, "other"), vendor: "AMD" }, { timing: "calibrated" });
    expect(foreign.width).toBeGreaterThan(twice.width);
  });

  it("knows a chip whose ceilings were measured by its datasheet, and is surer of it than without them", () => {
    const otherMemory = { ...roundHardware, id: "other", memoryBandwidthBytesPerSecond: 1.4e12 };
    const measured = withCeilings(otherMemory, { read_bytes_per_s: 1.3e12, bf16_flops: 110e12 });
    const surer = step(measured, { timing: "calibrated" });
    expect(surer.width).toBeLessThan(step(otherMemory, { timing: "calibrated" }).width);
    expect(surer.width).toBeGreaterThan(step(roundHardware).width);
  });

  it("halves what waits for bytes on a machine twice as fast, but not what starts", () => {
    const linear = { startSeconds: 2e-7 };
    const bytesOnly = calibrationOf([
      fittedKernel("linear", { parameters: linear }),
      fittedKernel("decode-attention", { kernel: "triton", parameters: { startSeconds: 1e-7 } }),
      fittedKernel("small-kernel", { parameters: { startSeconds: 1e-7 } }),
    ]);
    const [one, two] = [1, 2].map((factor) =>
      step(fasterHardware(factor, factor === 1 ? "round" : "other"), {
        timing: "calibrated",
        calibrations: [bytesOnly],
      }),
    );
    expect(one!.seconds / two!.seconds).toBeCloseTo(2, 1);
    const starts = step(fasterHardware(1000, "other"), { timing: "calibrated" });
    expect(starts.seconds).toBeGreaterThan(387 * 2e-6 * 0.5);
  });

  it("fills kinds of work that a fit has none for, and says with whose", () => {
    const attention = calibrationOf(roundFit.kernels.filter(({ kind }) => kind === "decode-attention"));
    const named = { ...attention, id: "attention-alone" };
    const bare = step(roundHardware, { calibrations: [named] });
    expect(bare.notes.some((note) => note.startsWith("no measured kernel stands"))).toBe(true);
    const filled = step(roundHardware, { calibrations: [named], fillers: [roundFit] });
    expect(filled.seconds).toBeCloseTo(step(roundHardware).seconds, 12);
    expect(filled.notes).toEqual([
      "attention-alone has no fit of linear, small-kernel: those of round-pytorch-graph stand in",
    ]);
    expect(step(roundHardware, { fillers: [named] }).notes).toEqual([]);
  });

  it("takes the nearest relative of the vendor", () => {
    const fits: Calibration[] = [0.5, 3, 1.1].map((factor) => ({
      ...calibrationOf(roundFit.kernels, fasterHardware(factor, `times-${factor}`)),
    }));
    const asked = { timing: "calibrated" as const, calibrations: fits };
    expect(chosen(roundHardware, asked).calibration).toBe("times-1.1-pytorch-graph");
    const foreign = fits.map((fit) => (fit.hardware === "times-1.1" ? { ...fit, vendor: "AMD" } : fit));
    expect(chosen(roundHardware, { ...asked, calibrations: foreign }).calibration).toBe("times-0.5-pytorch-graph");
  });

  it("fills kinds of work that one engine has not measured from another on the machine", () => {
    const linearOnly = calibrationOf([fittedKernel("linear")], roundHardware, "vllm");
    const both = { timing: "calibrated" as const, engine: "vllm" as const, calibrations: [linearOnly, roundFit] };
    const notes = step(roundHardware, both).notes;
    expect(notes.some((note) => note.includes("no measured kernel stands for"))).toBe(false);
    const alone = step(roundHardware, { ...both, calibrations: [linearOnly] }).notes;
    expect(alone).toContainEqual(expect.stringMatching(/^no measured kernel stands for .*"attention"/));
  });

  it("says what it was given to say", () => {
    expect(chosen(roundHardware, { notes: ["a table changed"] }).notes).toContain("a table changed");
    expect(chosen(roundHardware, { timing: "roofline", notes: ["a table changed"] }).notes).toEqual([
      "a table changed",
    ]);
    const ofRuns = { timing: "calibrated", engine: "vllm", notes: ["a table changed"] } as const;
    expect(chosen({ ...roundHardware, vendor: "AMD" }, ofRuns).notes).toContain("a table changed");
  });

  it("refuses calibrated timing without any fit, in one line", () => {
    expect(() => chosen(roundHardware, { timing: "calibrated", calibrations: [] })).toThrow(
      "invalid timing: calibrated (no fit is known: --fit names one that `ridgepoint calibrate` wrote)",
    );
  });

  it("says of a software that it does not run on such machines", () => {
    const asked = { timing: "calibrated", engine: "trt-llm" } as const;
    const amd = { ...roundHardware, id: "other", vendor: "AMD" };
    expect(chosen(amd, asked).notes).toContain(
      "TensorRT-LLM runs on machines of NVIDIA alone: these are times as if it ran on AMD's",
    );
    expect(chosen(roundHardware, asked).notes.filter((note) => note.includes("alone"))).toEqual([]);
  });

  it("names the engine of which nothing was measured on such machines", () => {
    const amd = { ...roundHardware, id: "other", vendor: "AMD" };
    expect(() => chosen(amd, { timing: "calibrated", engine: "llama.cpp" })).toThrow(
      "invalid engine: llama.cpp (neither kernels nor runs of it were measured on machines like other)",
    );
  });
});
