import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KernelWork } from "../../../src/kernels/kernel.ts";
import { embeddingKernel } from "../../../src/kernels/webgpu/embedding-kernel.ts";
import { type GpuProgram, GpuProgramBuilder } from "../../../src/kernels/webgpu/gpu-program.ts";
import { gpuProgramOf } from "../../../src/kernels/webgpu/gpu-program-of.ts";
import { leastTraits } from "../../../src/kernels/webgpu/gpu-traits.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { attention } from "../conformance.ts";
import { randomStep } from "../step-conformance.ts";

function programOf(work: KernelWork, traits = leastTraits): GpuProgram {
  const program = gpuProgramOf(work, traits);
  if (typeof program === "string") throw new Error(program);
  return program;
}

/** All kernels of a program, one after the other. */
function wgslOf(program: GpuProgram): string {
  return program.dispatches
    .map(({ kernel, workgroups }) => `// ${kernel.name}: ${workgroups.join(" × ")} workgroups\n${kernel.wgsl}`)
    .join("\n");
}

const random = seededRandom(1);
const gqa = attention(random, { heads: 8, kvHeads: 2, headDim: 64, contexts: [300], format: "bf16", sinks: true });
const linear = (tokens: number, format: "f32" | "int8"): KernelWork => {
  const operands = { input: random.normals(tokens * 256), weights: random.normals(256 * 40), bias: random.normals(40) };
  return { kind: "linear", tokens, inFeatures: 256, outFeatures: 40, format, ...operands };
};

describe("WGSL", () => {
  it.each([
    ["attention-split", programOf(gqa)],
    ["linear-one-row", programOf(linear(1, "f32"))],
    ["linear-one-row-subgroups", programOf(linear(1, "int8"), { ...leastTraits, subgroups: true })],
    ["linear-many-rows", programOf(linear(30, "f32"))],
  ])("%s is as reviewed", async (name, program) => {
    await expect(wgslOf(program)).toMatchFileSnapshot(`golden/${name}.wgsl`);
  });

  it("asks no device for more than every WebGPU device has, and leaves no hole in its text", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.boolean(), (seed, subgroups) => {
        const step = randomStep(seededRandom(seed), (["fp32", "fp16", "bf16", "int8"] as const)[seed % 4] ?? "fp32");
        for (const { kernel, buffers, workgroups } of programOf(step, { ...leastTraits, subgroups }).dispatches) {
          expect(kernel.bindings.length).toBeLessThanOrEqual(leastTraits.bindings);
          expect(buffers).toHaveLength(kernel.bindings.length);
          expect(new Set(buffers).size).toBe(buffers.length);
          expect(kernel.threads).toBeLessThanOrEqual(leastTraits.workgroupThreads);
          expect(Math.max(...workgroups)).toBeLessThanOrEqual(leastTraits.workgroupsPerDimension);
          expect(kernel.wgsl).not.toMatch(/undefined|NaN|Infinity|\[object/);
          // Each name that is bound is used, or the layout that the device makes of it would have no such binding.
          for (const name of kernel.bindings)
            expect(kernel.wgsl.split(new RegExp(`\\b${name}\\b`)).length).toBeGreaterThan(2);
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("uses subgroups only where the device has them", () => {
    const step = randomStep(seededRandom(3), "fp32");
    expect(wgslOf(programOf(step))).not.toContain("subgroup");
    expect(wgslOf(programOf(step, { ...leastTraits, subgroups: true }))).toContain("subgroupAdd");
  });
});

describe("GpuProgramBuilder", () => {
  it("wants a buffer for each binding", () => {
    const builder = new GpuProgramBuilder(leastTraits);
    const kernel = embeddingKernel({ tokens: 1, width: 5, format: "int8", firstRow: 0, rows: 3 });
    expect(kernel.bindings).toEqual(["chosen", "table", "outputs", "scales"]);
    expect(() => builder.dispatch(kernel, [], [1, 1, 1])).toThrow("embedding over int8 has 4 bindings, not 0");
  });
});

describe("gpuProgramOf", () => {
  it("cuts keys and values into buffers that a binding holds, whole pairs of sequence and K/V head in each", () => {
    const shape = { heads: 4, kvHeads: 2, headDim: 64, contexts: [100, 50, 100], format: "f32" } as const;
    // 25,600, 12,800 and 25,600 bytes a pair.
    const cut = programOf(attention(random, shape), { ...leastTraits, bindingBytes: 51_200 });
    const keys = cut.buffers.filter(({ name }) => name === "keys").map(({ bytes }) => bytes);
    expect(keys).toEqual([51_200, 51_200, 25_600]);
    const kernels = cut.dispatches.filter(({ kernel }) => kernel.name === "attention over f32");
    expect(kernels).toHaveLength(3);
  });

  it("refuses with both numbers what no binding holds", () => {
    const shape = { heads: 1, kvHeads: 1, headDim: 64, contexts: [100], format: "f32" } as const;
    const tight = { ...leastTraits, bindingBytes: 25_584 };
    expect(gpuProgramOf(attention(random, shape), tight)).toBe(
      "the keys of one K/V head take 25600 bytes, a binding of this adapter at most 25584",
    );
    const wide = attention(random, { ...shape, headDim: 1028, contexts: [2] });
    expect(gpuProgramOf(wide, leastTraits)).toBe(
      "a head of 1028 is too wide for workgroups of 256 threads and 16384 bytes",
    );
  });

  it("refuses more workgroups than a device starts", () => {
    const x = random.normals(3000);
    expect(gpuProgramOf({ kind: "residual", x, y: x }, { ...leastTraits, workgroupsPerDimension: 2 })).toBe(
      "residual takes 2 × 6 × 1 workgroups, this adapter has at most 2 a dimension",
    );
  });

  it("refuses a step whose heads are too wide for the device", () => {
    const step = randomStep(seededRandom(2), "fp32");
    expect(gpuProgramOf(step, { ...leastTraits, workgroupBytes: 256 })).toMatch(/^a head of \d+ is too wide/);
  });

  it("refuses steps that it does not run, by name", () => {
    const step = randomStep(seededRandom(2), "fp32");
    const { options, model } = step;
    const reasonOf = (change: Partial<typeof step>): unknown => gpuProgramOf({ ...step, ...change }, leastTraits);
    expect(reasonOf({ options: { ...options, attentionKernel: "materialized" } })).toBe(
      "the webgpu backend does not run materialized attention",
    );
    expect(reasonOf({ options: { ...options, cacheUpdate: "concat" } })).toBe(
      "the webgpu backend does not run caches that grow by concatenation",
    );
    expect(reasonOf({ options: { ...options, kvCache: { ...options.kvCache, id: "fp8" } } })).toBe(
      "the webgpu backend stores fp32, fp16, bf16 and int8, not fp8",
    );
    expect(reasonOf({ model: { ...model, positions: 8 }, context: 9 })).toBe(
      "the model has 8 learned positions, a context of 9 wants more",
    );
    const [kind] = model.decoder.kinds;
    if (kind === undefined || kind.attention.kind !== "softmax") throw new Error("a softmax layer is wanted");
    const withLayer = (layer: typeof kind) => ({ model: { ...model, decoder: { kinds: [layer], order: [0] } } });
    expect(reasonOf(withLayer({ ...kind, attention: { ...kind.attention, headDim: 6 } }))).toBe(
      "the webgpu backend does not run heads of 6, which are no multiple of 4",
    );
    const state = { kind: "linear", keyHeads: 1, valueHeads: 1, keyDim: 4, valueDim: 4, convolution: 2 } as const;
    expect(reasonOf(withLayer({ ...kind, attention: state }))).toBe("the webgpu backend does not run linear attention");
    expect(reasonOf(withLayer({ ...kind, feedForward: { ...kind.feedForward, kind: "mixture" } as never }))).toBe(
      "the webgpu backend does not run a mixture of experts",
    );
  });
});
