/**
 * A step's time as the sum over its operations' kernels, one after the other, whatever says how long a kernel takes.
 * Start-ups count as overhead; the rest as bytes, compute or link, whichever of the three is the longest. An operation that no
 * kernel stands for takes its roofline's time.
 */
import type { Counts } from "../operations/operation.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { emptyKernelTime, type KernelTime } from "./kernel-form.ts";
import { type Bound, emptyStepTime, type StepTime, type StepTimer } from "./timing-model.ts";

/** The kernels of one plan. */
export interface StepKernels {
  /** Looks at a counted step before its operations are timed. */
  begin(tape: StepTape): void;
  /** Fills `into` with the time of all instances of an operation; false where no kernel stands for it. */
  time(tape: StepTape, operation: number, into: KernelTime): boolean;
  /** What comes on top of the operations' times, and the interval, once all of them are summed. */
  finish?(tape: StepTape, into: StepTime): void;
}

export function kernelSum(plan: StepPlan, kernels: StepKernels, ideal: StepTimer): StepTimer {
  const operations = plan.operations.length;
  const idealTime = emptyStepTime(plan);
  const kernel = emptyKernelTime();
  return {
    time(tape: StepTape, into: StepTime): StepTime {
      ideal.time(tape, idealTime);
      kernels.begin(tape);
      const shares = into.secondsByBound;
      shares.weights = shares.cache = shares.activations = shares.compute = shares.link = shares.overhead = 0;
      let seconds = 0;
      for (let i = 0; i < operations; i++) {
        if (kernels.time(tape, i, kernel)) {
          into.operationSeconds[i] = kernel.seconds;
          seconds += kernel.seconds;
          shares.overhead += kernel.startSeconds;
          addTo(shares, longestPart(kernel), tape.counts[i]!, kernel.seconds - kernel.startSeconds);
        } else {
          const own = idealTime.operationSeconds[i]!;
          into.operationSeconds[i] = own;
          seconds += own;
          addTo(shares, ideal.boundOf(tape, i), tape.counts[i]!, own);
        }
      }
      into.seconds = seconds;
      into.interval = null;
      into.memoryLevel = idealTime.memoryLevel;
      kernels.finish?.(tape, into);
      // A kernel may pass a ceiling by the spread of its measurement, or by multiplying in another format.
      into.lowerBoundSeconds = Math.min(idealTime.lowerBoundSeconds, into.seconds);
      return into;
    },

    boundOf(tape: StepTape, operation: number): Bound {
      kernels.begin(tape);
      if (!kernels.time(tape, operation, kernel)) return ideal.boundOf(tape, operation);
      if (kernel.startSeconds > kernel.seconds - kernel.startSeconds) return "overhead";
      const part = longestPart(kernel);
      return part === "memory" ? largestPart(tape.counts[operation]!) : part;
    },
  };
}

function longestPart({ memorySeconds, computeSeconds, linkSeconds }: KernelTime): "memory" | "compute" | "link" {
  if (memorySeconds >= computeSeconds && memorySeconds >= linkSeconds) return "memory";
  return computeSeconds >= linkSeconds ? "compute" : "link";
}

/** Seconds that bytes take are shared among weights, keys and values, and activations by their bytes. */
function addTo(shares: Record<Bound, number>, part: Bound | "memory", counts: Counts, seconds: number): void {
  if (part === "compute" || part === "link") {
    shares[part] += seconds;
    return;
  }
  const bytes = counts.weightBytes + counts.kvBytes + counts.activationBytes;
  if (bytes === 0) {
    shares.overhead += seconds;
    return;
  }
  const perByte = seconds / bytes;
  shares.weights += counts.weightBytes * perByte;
  shares.cache += counts.kvBytes * perByte;
  shares.activations += counts.activationBytes * perByte;
}

function largestPart(c: Counts): Bound {
  if (c.weightBytes >= c.kvBytes && c.weightBytes >= c.activationBytes) return "weights";
  return c.kvBytes >= c.activationBytes ? "cache" : "activations";
}
