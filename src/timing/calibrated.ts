/**
 * Calibrated timing: each operation runs as kernels of a family, and takes what the family's fit (kernel-fit.ts) says, for
 * each instance its own start-up. A step's seconds are the sum over its kernels, one after the other.
 * Start-ups count as overhead; the rest as bytes or as compute, whichever side of the knee is the longer.
 * An operation whose family has no fit takes its roofline's time, and a note says so.
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { Counts } from "../operations/operation.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type KernelFamily, type OperationFamilies, operationFamilies } from "./kernel-family.ts";
import { type KernelFit, kneeSeconds } from "./kernel-fit.ts";
import { emptyKernelWork, kernelCeilings } from "./kernel-work.ts";
import { roofline } from "./roofline.ts";
import { type Bound, emptyStepTime, type StepTime, type StepTimer, type TimingModel } from "./timing-model.ts";

/** Fits of one machine and its software, by family. */
export type KernelFits = ReadonlyMap<KernelFamily, KernelFit>;

/** Binding throws InvalidInput where the roofline does: a format that can't be multiplied, a link that is missing. */
export function calibrated(hardware: Hardware, fits: KernelFits): TimingModel {
  const ideal = roofline(hardware);
  const notes: string[] = [];
  return {
    id: "calibrated",
    get notes() {
      return [...ideal.notes, ...notes];
    },
    bind(plan) {
      const kernels = plan.operations.map((operation) => fitsOf(operationFamilies(operation, plan), fits));
      kernels.forEach(({ one, several }, i) => {
        const note = `no measured kernel stands for "${plan.operations[i]!.name}": it takes its roofline's time`;
        if (one === null && several === null && !notes.includes(note)) notes.push(note);
      });
      return bindCalibrated(hardware, plan, kernels, ideal.bind(plan));
    },
  };
}

interface OperationFits {
  readonly one: KernelFit | null;
  readonly several: KernelFit | null;
  readonly isSeveral: OperationFamilies["isSeveral"];
}

function fitsOf({ one, several, isSeveral }: OperationFamilies, fits: KernelFits): OperationFits {
  const first = (families: readonly KernelFamily[]): KernelFit | null =>
    families.map((family) => fits.get(family)).find((fit) => fit !== undefined) ?? null;
  return { one: first(one), several: first(several), isSeveral };
}

function bindCalibrated(
  hardware: Hardware,
  plan: StepPlan,
  kernels: readonly OperationFits[],
  ideal: StepTimer,
): StepTimer {
  const ceilings = kernelCeilings(hardware, plan);
  /** Seconds of FLOPs at the peak of the format that a kernel multiplies in over those at the operation's. */
  const computeWeight = (i: number, fit: KernelFit | null): number => {
    if (fit?.multiplies === undefined) return 1;
    const { computeFormat } = plan.operations[i]!;
    const asked = plan.options.activations.id;
    const peakOf = (format: ComputeFormat): number => computePeak(hardware, format, asked).flopsPerSecond;
    return peakOf(computeFormat) / peakOf(fit.multiplies);
  };
  const weightsOfOne = Float64Array.from(kernels, ({ one }, i) => computeWeight(i, one));
  const weightsOfSeveral = Float64Array.from(kernels, ({ several }, i) => computeWeight(i, several));
  const work = emptyKernelWork(plan);
  const idealTime = emptyStepTime(plan);
  const isSeveralAt = (tape: StepTape, i: number): boolean => {
    const { one, several, isSeveral } = kernels[i]!;
    return one !== several && isSeveral(tape.point);
  };
  const fitAt = (tape: StepTape, i: number): KernelFit | null =>
    isSeveralAt(tape, i) ? kernels[i]!.several : kernels[i]!.one;
  const computeAt = (tape: StepTape, i: number, fit: KernelFit): number => {
    const weight = isSeveralAt(tape, i) ? weightsOfSeveral[i]! : weightsOfOne[i]!;
    return (weight * work.computeSeconds[i]!) / fit.computeEfficiency;
  };

  return {
    time(tape: StepTape, into: StepTime): StepTime {
      ideal.time(tape, idealTime);
      ceilings.work(tape, work);
      const shares = into.secondsByBound;
      shares.weights = shares.cache = shares.activations = shares.compute = shares.link = shares.overhead = 0;
      let seconds = 0;
      for (let i = 0; i < kernels.length; i++) {
        const fit = fitAt(tape, i);
        if (fit === null) {
          const own = idealTime.operationSeconds[i]!;
          into.operationSeconds[i] = own;
          seconds += own;
          addTo(shares, ideal.boundOf(tape, i), tape.counts[i]!, own);
          continue;
        }
        const memory = work.memorySeconds[i]! / fit.bandwidthEfficiency;
        const compute = computeAt(tape, i, fit);
        // The knee of all instances together: it grows with them in proportion.
        const busy = kneeSeconds(memory, compute, fit.kneeSharpness);
        const starts = plan.operations[i]!.instances * fit.startSeconds;
        into.operationSeconds[i] = starts + busy;
        seconds += starts + busy;
        shares.overhead += starts;
        addTo(shares, memory >= compute ? "weights" : "compute", tape.counts[i]!, busy);
      }
      into.seconds = seconds;
      // A kernel may pass a ceiling by the spread of its measurement, or by multiplying in another format.
      into.lowerBoundSeconds = Math.min(idealTime.lowerBoundSeconds, seconds);
      into.interval = null;
      into.memoryLevel = idealTime.memoryLevel;
      return into;
    },

    boundOf(tape: StepTape, operation: number): Bound {
      const fit = fitAt(tape, operation);
      if (fit === null) return ideal.boundOf(tape, operation);
      ceilings.work(tape, work);
      const memory = work.memorySeconds[operation]! / fit.bandwidthEfficiency;
      const compute = computeAt(tape, operation, fit);
      const starts = plan.operations[operation]!.instances * fit.startSeconds;
      if (starts > kneeSeconds(memory, compute, fit.kneeSharpness)) return "overhead";
      return memory >= compute ? largestPart(tape.counts[operation]!) : "compute";
    },
  };
}

/** Seconds that bytes take are shared among weights, keys and values, and activations by their bytes. */
function addTo(shares: Record<Bound, number>, bound: Bound, counts: Counts, seconds: number): void {
  if (bound === "compute" || bound === "link") {
    shares[bound] += seconds;
    return;
  }
  const bytes = counts.weightBytes + counts.kvBytes + counts.activationBytes;
  const perByte = bytes === 0 ? 0 : seconds / bytes;
  shares.weights += counts.weightBytes * perByte;
  shares.cache += counts.kvBytes * perByte;
  shares.activations += counts.activationBytes * perByte;
}

function largestPart(c: Counts): Bound {
  if (c.weightBytes >= c.kvBytes && c.weightBytes >= c.activationBytes) return "weights";
  return c.kvBytes >= c.activationBytes ? "cache" : "activations";
}
