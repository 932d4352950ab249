import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadMeasurementTables } from "../../../src/files/load-measurement-table.ts";
import { median } from "../../../src/quantity/sample-statistics.ts";
import { collective } from "../../../src/timing/kernels/collective.ts";
import type { CollectiveCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { crossValidate } from "../../../src/validation/cross-validate.ts";
import { type FormSample, fitForm } from "../../../src/validation/fit-form.ts";
import {
  arbitraryMachine,
  arbitraryParameters,
  parametersOf,
  roundMachine,
  timed,
} from "../../fixtures/kernel-forms.ts";
import { hasSharedTables, sharedTable } from "../../fixtures/shared-tables.ts";

const algorithms = ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "send"] as const;
const call = (algorithm: CollectiveCall["algorithm"], devices: number, messageBytes: number): CollectiveCall => ({
  ...{ algorithm, devices, messageBytes },
});

/** 5 µs and 1 µs a stage; large messages at half of 100 GB/s and 20 µs more; small ones at a tenth; no switch, no host. */
const plain = parametersOf(collective, {
  ...{ startSeconds: 5e-6, hopSeconds: 1e-6, quickEfficiency: 0.1, directShare: 1e-3 },
  ...{ bulkStartSeconds: 2e-5, linkEfficiency: 0.5, switchEfficiency: 0.05, hostSeconds: 1e-7 },
});

describe("seconds of a collective", () => {
  test("large messages take the link's share: 100 MB around 4 devices twice, 150 MB at 50 GB/s", () => {
    const time = timed(collective, plain, call("all-reduce", 4, 100e6), roundMachine);
    // 5 µs + 6 stages of 1 µs + 20 µs beside 3 ms; the minimum with the quick way rounds it down a little.
    expect(time.seconds * 1e3).toBeGreaterThan(2.98);
    expect(time.seconds * 1e3).toBeLessThan(3.0311);
    expect(time.linkSeconds).toBeLessThan(time.seconds);
  });

  test("small messages take start-up and stages: N − 1 in a gather, twice as many in an all-reduce, one in a send", () => {
    const micro = (algorithm: CollectiveCall["algorithm"], devices: number): number =>
      timed(collective, plain, call(algorithm, devices, 8), roundMachine).seconds * 1e6;
    expect(micro("all-gather", 8)).toBeCloseTo(12, 1);
    expect(micro("all-reduce", 8)).toBeCloseTo(19, 1);
    expect(micro("send", 2)).toBeCloseTo(6, 1);
  });

  test("one device has nobody to send to", () => {
    const time = timed(collective, plain, call("all-reduce", 1, 1e6), roundMachine);
    expect(time).toEqual({ seconds: 0, startSeconds: 0, memorySeconds: 0, computeSeconds: 0, linkSeconds: 0 });
  });

  test("a switch that adds sends (N + 1) / N of the vector in place of 2 (N − 1) / N: less from 4 devices on", () => {
    const adding = parametersOf(collective, {
      ...{ startSeconds: 1e-7, hopSeconds: 1e-9, quickEfficiency: 0.01, directShare: 1e-3, bulkStartSeconds: 1e-7 },
      ...{ linkEfficiency: 1, switchEfficiency: 1, hostSeconds: 1e-7 },
    });
    const bytesSent = (devices: number): number =>
      timed(collective, adding, call("all-reduce", devices, 1e9), roundMachine).linkSeconds * 1e11;
    expect(bytesSent(2) / 1e9).toBeCloseTo(1, 1);
    expect(bytesSent(4) / 1e9).toBeCloseTo(1.25, 1);
    expect(bytesSent(8) / 1e9).toBeCloseTo(1.125, 1);
    expect(timed(collective, adding, call("all-gather", 8, 1e9), roundMachine).linkSeconds * 100).toBeCloseTo(0.875, 1);
  });

  test("a host that launches one by one is the floor of small messages and is hidden behind large ones", () => {
    const eager = Float64Array.from(plain);
    eager[collective.parameters.findIndex(({ name }) => name === "hostSeconds")] = 1e-4;
    const ratio = (bytes: number): number =>
      timed(collective, eager, call("all-reduce", 2, bytes), roundMachine).seconds /
      timed(collective, plain, call("all-reduce", 2, bytes), roundMachine).seconds;
    expect(timed(collective, eager, call("all-reduce", 2, 8), roundMachine).seconds).toBeCloseTo(1e-4, 5);
    expect(ratio(1e9)).toBeLessThan(1.001);
  });

  test("more bytes never take less, a faster link never more, and all parts are finite", () => {
    const bytes = fc.double({ min: 1, max: 1e10, noNaN: true });
    const devices = fc.constantFrom(2, 3, 4, 8, 16, 72);
    const kinds = fc.constantFrom(...algorithms);
    fc.assert(
      fc.property(
        arbitraryParameters(collective),
        arbitraryMachine,
        kinds,
        devices,
        bytes,
        bytes,
        (p, m, a, n, x, y) => {
          const at = (size: number, machine = m) => timed(collective, p, call(a, n, size), machine);
          const [less, more] = [at(Math.min(x, y)), at(Math.max(x, y))];
          expect(more.seconds).toBeGreaterThanOrEqual(less.seconds * (1 - 1e-9));
          const faster = at(x, { ...m, linkBytesPerSecond: 2 * m.linkBytesPerSecond! }).seconds;
          expect(faster).toBeLessThanOrEqual(at(x).seconds * (1 + 1e-9));
          expect(Object.values(more).every((part) => Number.isFinite(part) && part >= 0)).toBe(true);
        },
      ),
    );
  });

  test("large messages tend to sent bytes over the efficient share of the link, whatever the rest", () => {
    fc.assert(
      fc.property(arbitraryParameters(collective), arbitraryMachine, (p, machine) => {
        const seconds = timed(collective, p, call("all-to-all", 4, 1e15), machine).seconds;
        const [quick, direct, bulk] = [p[2]!, p[3]!, p[5]!];
        expect(direct).toBeGreaterThan(0);
        const ideal = (0.75 * 1e15) / (Math.max(quick, bulk) * machine.linkBytesPerSecond!);
        expect(seconds / ideal).toBeGreaterThan(0.85);
        expect(seconds / ideal).toBeLessThan(1.01);
      }),
    );
  });

  test("a fit finds the times that made its samples", () => {
    const made = parametersOf(collective, {
      ...{ startSeconds: 6e-6, hopSeconds: 5e-7, quickEfficiency: 0.25, directShare: 1e-3 },
      ...{ bulkStartSeconds: 2e-5, linkEfficiency: 0.6, switchEfficiency: 0.05, hostSeconds: 1e-7 },
    });
    const samples = [2, 4, 8].flatMap((devices) =>
      Array.from({ length: 20 }, (_, i): FormSample<CollectiveCall> => {
        const one = call("all-gather", devices, 256 * 3 ** i);
        return { call: one, seconds: timed(collective, made, one, roundMachine).seconds, group: String(devices) };
      }),
    );
    expect(fitForm(collective, samples, roundMachine).meanMisfit).toBeLessThan(0.03);
  });
});

describe.skipIf(!hasSharedTables)("measured collectives", () => {
  const link = { h100_sxm: 450e9, a100_sxm: 300e9 };

  async function samplesOf(
    gpu: keyof typeof link,
    path: readonly string[],
    kernel: string,
  ): Promise<FormSample<CollectiveCall>[]> {
    const tables = await loadMeasurementTables([sharedTable(gpu, "comm", ...path)]);
    return tables.flatMap(({ rows }) =>
      rows.flatMap((row) =>
        row.kind !== "collectives" || row.kernel !== kernel || row.dtype === "int8"
          ? []
          : [{ call: call(row.op, row.gpus, row.messageBytes), seconds: row.seconds, group: String(row.gpus) }],
      ),
    );
  }

  test.each([
    ["h100_sxm", ["nccl", "2.27.3", "nccl_perf.parquet"], "NCCL", 10],
    ["a100_sxm", ["nccl", "2.27.3", "nccl_perf.parquet"], "NCCL", 11],
    ["h100_sxm", ["vllm", "0.24.0", "custom_allreduce_perf.parquet"], "vLLM_custom_graph", 10],
    ["h100_sxm", ["vllm", "0.24.0", "custom_allreduce_perf.parquet"], "vLLM_custom_eager", 10],
    ["a100_sxm", ["vllm", "0.14.0", "custom_allreduce_perf.parquet"], "vLLM_custom_graph", 10],
    ["a100_sxm", ["vllm", "0.14.0", "custom_allreduce_perf.parquet"], "vLLM_custom_eager", 10],
  ] as const)(
    "of %s %s are predicted for numbers of devices that the fit did not see",
    async (gpu, path, kernel, limit) => {
      const samples = await samplesOf(gpu, path, kernel);
      const machine = { ...roundMachine, linkBytesPerSecond: link[gpu] };
      const heldOut = crossValidate(collective, samples, machine, 3);
      const errors = heldOut.map(({ sample, predictedSeconds }) => Math.abs(predictedSeconds / sample.seconds - 1));
      expect(errors.length).toBeGreaterThan(60);
      expect(100 * median(errors)).toBeLessThan(limit);
    },
  );
});
