import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttentionGeometry, attentionGeometry } from "../../../src/kernels/webgpu/attention-geometry.ts";
import { leastTraits } from "../../../src/kernels/webgpu/gpu-traits.ts";

const wide = { ...leastTraits, workgroupBytes: 32_768, workgroupThreads: 1024 };

function geometryOf(headDim: number, queries: number, traits = wide): AttentionGeometry {
  const geometry = attentionGeometry(headDim, queries, traits);
  if (geometry === null) throw new Error("does not fit");
  return geometry;
}

describe("attentionGeometry", () => {
  it("keeps all threads of MHA at work: logits in 4 parts, outputs in 4 parts of the rows", () => {
    expect(geometryOf(128, 1)).toMatchObject({
      threads: 128,
      quads: 32,
      rows: 32,
      stride: 33,
      logitParts: 4,
      logitsPerThread: 1,
      outputSlots: 1,
      rowParts: 4,
      outputsPerThread: 1,
      blocks: 1,
    });
  });

  it("takes 32 heads of MQA at once", () => {
    expect(geometryOf(128, 32)).toMatchObject({
      threads: 256,
      queries: 32,
      logitParts: 1,
      logitsPerThread: 4,
      rowParts: 1,
      outputsPerThread: 4,
      blocks: 1,
    });
  });

  it("fits every device: workgroup memory and threads, all queries, rows and quads covered", () => {
    const shapes = fc.record({
      headDim: fc.integer({ min: 1, max: 512 }),
      queries: fc.integer({ min: 1, max: 300 }),
      bytes: fc.constantFrom(16_384, 32_768, 49_152),
    });
    fc.assert(
      fc.property(shapes, ({ headDim, queries, bytes }) => {
        const traits = { ...leastTraits, workgroupBytes: bytes };
        const g = geometryOf(headDim, queries, traits);
        expect(g.bytes).toBeLessThanOrEqual(bytes);
        expect(g.threads).toBeLessThanOrEqual(256);
        expect(4 * g.quads).toBeGreaterThanOrEqual(headDim);
        expect(g.blocks * g.queries).toBeGreaterThanOrEqual(queries);
        expect((g.blocks - 1) * g.queries).toBeLessThan(queries);
        expect(g.stride % 2).toBe(1);
        expect(g.querySlots * g.logitsPerThread).toBeGreaterThanOrEqual(g.queries);
        expect(g.querySlots * g.logitParts * g.rows).toBeLessThanOrEqual(g.threads);
        expect(g.outputSlots * g.outputsPerThread).toBeGreaterThanOrEqual(g.queries);
        expect(g.outputSlots * g.rowParts * g.quads).toBeLessThanOrEqual(g.threads);
        // Rows are parted only where a thread has one output to join.
        if (g.rowParts > 1) expect(g.outputsPerThread).toBe(1);
      }),
    );
  });

  it("is null for a head wider than a workgroup", () => {
    expect(attentionGeometry(1024, 1, leastTraits)).not.toBeNull();
    expect(attentionGeometry(1028, 1, leastTraits)).toBeNull();
    expect(attentionGeometry(512, 1, { ...leastTraits, workgroupBytes: 4096 })).toBeNull();
  });
});
