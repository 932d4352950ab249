/**
 * The roofline: seconds of an operation = max(bytes / bandwidth, FLOPs / peak of its number format, link bytes / link rate).
 * A step's seconds are the sum over its operations, one after the other; its lower bound lets all of them overlap.
 * The bandwidth is that of the level of memory that the step lives in (step-memory.ts).
 * Source: Williams, Waterman and Patterson 2009.
 * @example 1 GB read and 1 GFLOP at 1 TB/s and 1 TFLOP/s: 1 ms, bound by memory or compute alike
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { stepMemory } from "./step-memory.ts";
import type { Bound, StepTime, StepTimer, TimingModel } from "./timing-model.ts";

/** The roofline of a machine. Binding throws InvalidInput where a format must be multiplied natively and can't be, or a link is needed and unknown. */
export function roofline(hardware: Hardware): TimingModel {
  const notes: string[] = [];
  return {
    id: "roofline",
    engine: null,
    calibration: null,
    notes,
    bind: (plan) => bindRoofline(hardware, plan, notes),
  };
}

function bindRoofline(hardware: Hardware, plan: StepPlan, notes: string[]): StepTimer {
  const memory = stepMemory(hardware, plan);
  const secondsPerLinkByte = hardware.link === null ? 0 : 1 / hardware.link.bytesPerSecond;
  const instances = Float64Array.from(plan.operations, (operation) => operation.instances);
  const secondsPerFlop = new Float64Array(plan.operations.length);
  plan.operations.forEach((operation, i) => {
    const peak = computePeak(hardware, operation.computeFormat, plan.options.activations.id);
    if (peak.note !== null && !notes.includes(peak.note)) notes.push(peak.note);
    secondsPerFlop[i] = 1 / peak.flopsPerSecond;
    if (operation.definition.kind === "collective" && hardware.link === null) {
      throw new InvalidInput("hardware", hardware.id, "its profile has no link, which several devices need");
    }
  });

  return {
    time(tape: StepTape, into: StepTime): StepTime {
      const counts = tape.counts;
      const each = into.operationSeconds;
      const t = tape.totals;
      const level = memory.levelOf(tape);
      const secondsPerByte = level.secondsPerByte;
      let seconds = 0;
      let flopSeconds = 0;
      let weights = 0;
      let cache = 0;
      let activations = 0;
      let compute = 0;
      let link = 0;
      const alike = memory.activations === null || level.isCache;
      let sparedBytes = 0;
      for (let i = 0; i < counts.length; i++) {
        const c = counts[i]!;
        let activationBytes = c.activationBytes;
        if (!alike) {
          activationBytes *= memory.activationWeight(level, activationBytes, instances[i]!);
          sparedBytes += c.activationBytes - activationBytes;
        }
        const memoryTime = (c.weightBytes + c.kvBytes + activationBytes) * secondsPerByte;
        const computeTime = c.flops * secondsPerFlop[i]!;
        const linkTime = c.linkBytes * secondsPerLinkByte;
        flopSeconds += computeTime;
        if (memoryTime >= computeTime && memoryTime >= linkTime) {
          each[i] = memoryTime;
          seconds += memoryTime;
          weights += c.weightBytes * secondsPerByte;
          cache += c.kvBytes * secondsPerByte;
          activations += activationBytes * secondsPerByte;
        } else if (computeTime >= linkTime) {
          each[i] = computeTime;
          seconds += computeTime;
          compute += computeTime;
        } else {
          each[i] = linkTime;
          seconds += linkTime;
          link += linkTime;
        }
      }
      const byteSeconds = (t.weightBytes + t.kvBytes + t.activationBytes - sparedBytes) * secondsPerByte;
      into.seconds = seconds;
      into.lowerBoundSeconds = Math.max(byteSeconds, flopSeconds, t.linkBytes * secondsPerLinkByte);
      const shares = into.secondsByBound;
      shares.weights = weights;
      shares.cache = cache;
      shares.activations = activations;
      shares.compute = compute;
      shares.link = link;
      shares.overhead = 0;
      into.interval = null;
      into.memoryLevel = level.name;
      return into;
    },

    boundOf(tape: StepTape, operation: number): Bound {
      const c = tape.counts[operation]!;
      const level = memory.levelOf(tape);
      const activationBytes =
        c.activationBytes * memory.activationWeight(level, c.activationBytes, instances[operation]!);
      const memoryTime = (c.weightBytes + c.kvBytes + activationBytes) * level.secondsPerByte;
      const computeTime = c.flops * secondsPerFlop[operation]!;
      const linkTime = c.linkBytes * secondsPerLinkByte;
      if (memoryTime < computeTime || memoryTime < linkTime) return computeTime >= linkTime ? "compute" : "link";
      if (c.weightBytes >= c.kvBytes && c.weightBytes >= activationBytes) return "weights";
      return c.kvBytes >= activationBytes ? "cache" : "activations";
    },
  };
}
