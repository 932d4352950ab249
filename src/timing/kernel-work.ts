/**
 * What an operation would take at the machine's ceilings, its bytes and its FLOPs apart: what both the fit of measured
 * kernels and the prediction by it are made of.
 *   memory    its bytes at the bandwidth of the level that they come from (step-memory.ts)
 *   compute   FLOPs / peak of their format
 */
import { computePeak } from "../hardware/compute-peak.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { StepTape } from "../step/count-step.ts";
import type { StepPlan } from "../step/step-plan.ts";
import { stepMemory } from "./step-memory.ts";

/** Seconds of each operation of a plan, all its instances together. */
export interface KernelWork {
  readonly memorySeconds: Float64Array;
  readonly computeSeconds: Float64Array;
}

export interface KernelCeilings {
  /** Fills `into` from the counts of a step. */
  work(tape: StepTape, into: KernelWork): KernelWork;
}

export function emptyKernelWork(plan: StepPlan): KernelWork {
  const operations = plan.operations.length;
  return { memorySeconds: new Float64Array(operations), computeSeconds: new Float64Array(operations) };
}

/** @throws InvalidInput where a format must be multiplied natively and can't be */
export function kernelCeilings(hardware: Hardware, plan: StepPlan): KernelCeilings {
  const memory = stepMemory(hardware, plan);
  const instances = Float64Array.from(plan.operations, (operation) => operation.instances);
  const secondsPerFlop = Float64Array.from(
    plan.operations,
    (operation) => 1 / computePeak(hardware, operation.computeFormat, plan.options.activations.id).flopsPerSecond,
  );
  return {
    work(tape, into) {
      const { memorySeconds, computeSeconds } = into;
      const level = memory.levelOf(tape);
      for (let i = 0; i < tape.counts.length; i++) {
        const c = tape.counts[i]!;
        const activationBytes = c.activationBytes * memory.activationWeight(level, c.activationBytes, instances[i]!);
        memorySeconds[i] = (c.weightBytes + c.kvBytes + activationBytes) * level.secondsPerByte;
        computeSeconds[i] = c.flops * secondsPerFlop[i]!;
      }
      return into;
    },
  };
}
