import { describe, expect, test } from "vitest";
import { countStep } from "../../src/step/count-step.ts";
import { defaultStepOptions } from "../../src/step/step-options.ts";
import { planStep } from "../../src/step/step-plan.ts";
import { emptyKernelWork, kernelCeilings } from "../../src/timing/kernel-work.ts";
import { cpuMachine } from "../fixtures/cpu-machine.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const plan = planStep(modelProfile("llama-2-7b"), defaultStepOptions);
const tape = countStep(plan, { batch: 1, context: 1024 });
const workOn = (hardware: typeof cpuMachine) => kernelCeilings(hardware, plan).work(tape, emptyKernelWork(plan));
const named = (name: RegExp): number => plan.operations.findIndex((operation) => name.test(operation.name));

describe("an operation's time at the ceilings", () => {
  test("takes activations from the cache that the cores share, where a measured machine has one", () => {
    const residual = named(/residual/);
    const { activationBytes, weightBytes, kvBytes } = tape.counts[residual]!;
    expect([weightBytes, kvBytes]).toEqual([0, 0]);
    // 50 GB/s of the last cache, not the memory's 20 GB/s.
    expect(workOn(cpuMachine).memorySeconds[residual]).toBeCloseTo(activationBytes / 50e9, 15);
    const datasheet = { ...cpuMachine, basis: "datasheet" as const };
    expect(workOn(datasheet).memorySeconds[residual]).toBeCloseTo(activationBytes / 20e9, 15);
  });

  test("takes weights from memory, and FLOPs at the peak of their format", () => {
    const up = plan.operations.findIndex(({ definition }) => definition.kind === "projection");
    const { weightBytes, activationBytes, flops } = tape.counts[up]!;
    const { memorySeconds, computeSeconds } = workOn(cpuMachine);
    expect(memorySeconds[up]).toBeCloseTo(weightBytes / 20e9 + activationBytes / 50e9, 12);
    expect(computeSeconds[up]).toBeCloseTo(flops / 70e9, 12);
  });
});
