/**
 * Calibrated timing by one knee a family: each operation runs as kernels of a family, and takes what the family's fit
 * (kernel-fit.ts) says, for each instance its own start-up. It wants few measured rows and no shape of a kernel's own, so it
 * is what a machine measured on the spot is timed by (validate --here); shipped fits are of kernel forms (calibrated.ts).
 * An operation whose family has no fit takes its roofline's time, and a note says so.
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { ComputeFormat } from "../quantity/number-format.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { type KernelFamily, type OperationFamilies, operationFamilies } from "./kernel-family.ts";
import { type KernelFit, kneeSeconds } from "./kernel-fit.ts";
import { kernelSum, type StepKernels } from "./kernel-sum.ts";
import { emptyKernelWork, kernelCeilings } from "./kernel-work.ts";
import { roofline } from "./roofline.ts";
import type { TimingModel } from "./timing-model.ts";

/** Fits of one machine and its software, by family. */
export type KernelFits = ReadonlyMap<KernelFamily, KernelFit>;

/** Binding throws InvalidInput where the roofline does: a format that can't be multiplied, a link that is missing. */
export function kneeCalibrated(hardware: Hardware, fits: KernelFits): TimingModel {
  const ideal = roofline(hardware);
  const notes: string[] = [];
  return {
    id: "calibrated",
    engine: null,
    calibration: null,
    get notes() {
      return [...ideal.notes, ...notes];
    },
    bind(plan) {
      const kernels = plan.operations.map((operation) => fitsOf(operationFamilies(operation, plan), fits));
      kernels.forEach(({ one, several }, i) => {
        const note = `no measured kernel stands for "${plan.operations[i]!.name}": it takes its roofline's time`;
        if (one === null && several === null && !notes.includes(note)) notes.push(note);
      });
      return kernelSum(plan, kneeKernels(hardware, plan, kernels), ideal.bind(plan));
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

function kneeKernels(hardware: Hardware, plan: StepPlan, kernels: readonly OperationFits[]): StepKernels {
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
  return {
    begin(tape) {
      ceilings.work(tape, work);
    },
    time(tape, i, into) {
      const { one, several, isSeveral } = kernels[i]!;
      const asSeveral = one !== several && isSeveral(tape.point);
      const fit = asSeveral ? several : one;
      if (fit === null) return false;
      const weight = asSeveral ? weightsOfSeveral[i]! : weightsOfOne[i]!;
      into.memorySeconds = work.memorySeconds[i]! / fit.bandwidthEfficiency;
      into.computeSeconds = (weight * work.computeSeconds[i]!) / fit.computeEfficiency;
      into.linkSeconds = 0;
      into.startSeconds = plan.operations[i]!.instances * fit.startSeconds;
      // The knee of all instances together: it grows with them in proportion.
      into.seconds = into.startSeconds + kneeSeconds(into.memorySeconds, into.computeSeconds, fit.kneeSharpness);
      return true;
    },
  };
}
