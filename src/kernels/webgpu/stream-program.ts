/**
 * Passes over arrays, for what a GPU's memory gives. A pass is a dispatch, so that one is over before the next begins; arrays
 * longer than a binding are cut.
 */
import type { StreamWork } from "../kernel.ts";
import { type GpuBufferPlan, type GpuDispatch, type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { busyWorkgroups, type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import { unrolled, type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";

const threads = 256;
/** Loads that a thread of a stream has under way at a time. */
const unrolledQuads = 8;
/** Quads a thread: many, so that a read's one sum a thread is little beside them, and few enough for all threads to be busy. */
const leastQuadsPerThread = 16;
const mostQuadsPerThread = 64;
const quadBytes = 16;

const arraysOf: Readonly<Record<StreamWork["stream"], number>> = { read: 1, write: 1, copy: 2, triad: 3 };

interface StreamPart {
  readonly kernel: WgslKernel;
  readonly fill: WgslKernel;
  readonly workgroups: number;
  readonly operands: readonly GpuBufferPlan[];
  /** Of a read: a sum a thread. */
  readonly sums: GpuBufferPlan | null;
}

/** Passes over arrays of float32 that take workingSetBytes together; a read's answer is its sums, one a thread. */
export function streamProgram(work: StreamWork, traits: GpuTraits): GpuProgram {
  const builder = new GpuProgramBuilder(traits);
  const arrays = arraysOf[work.stream];
  const quads = Math.max(1, Math.round(work.workingSetBytes / quadBytes / arrays));
  const perPart = Math.floor(traits.bindingBytes / quadBytes);
  const parts = Array.from({ length: Math.ceil(quads / perPart) }, (_, i) =>
    streamPart(builder, work.stream, Math.min(perPart, quads - i * perPart)),
  );
  // Arrays start with numbers and not with the zeros that a buffer is made of, which a driver might keep compressed.
  const first = parts.flatMap(({ fill, workgroups, operands }) =>
    operands.map(
      (array): GpuDispatch => ({ kernel: fill, buffers: [array], workgroups: workgroupGrid(workgroups, traits) }),
    ),
  );
  for (let pass = 0; pass < work.passes; pass++) {
    for (const { kernel, workgroups, operands, sums } of parts) {
      builder.dispatch(kernel, sums === null ? operands : [...operands, sums], workgroupGrid(workgroups, traits));
    }
  }
  const read = (contents: readonly ArrayBuffer[]): Float64Array => {
    const all = contents.map((bytes) => new Float32Array(bytes));
    const output = new Float64Array(all.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const sums of all) {
      output.set(sums, at);
      at += sums.length;
    }
    return output;
  };
  const buffers = parts.flatMap(({ sums }) => (sums === null ? [] : [sums]));
  return builder.program({ buffers, read }, { amount: quads * quadBytes * arrays * work.passes, first });
}

function streamPart(builder: GpuProgramBuilder, stream: StreamWork["stream"], quads: number): StreamPart {
  const wanted = Math.ceil(quads / (busyWorkgroups * threads) / unrolledQuads) * unrolledQuads;
  const each = Math.min(mostQuadsPerThread, Math.max(leastQuadsPerThread, wanted));
  const workgroups = Math.ceil(quads / (threads * each));
  return {
    kernel: streamKernel(stream, quads, each, workgroups),
    fill: streamKernel("write", quads, each, workgroups),
    workgroups,
    operands: Array.from({ length: arraysOf[stream] }, (_, i) => builder.buffer(`array ${i}`, quads * quadBytes)),
    sums: stream === "read" ? builder.buffer("sums", 4 * workgroups * threads) : null,
  };
}

const streams: Readonly<Record<StreamWork["stream"], { arrays: string[]; written: string; element: string }>> = {
  read: { arrays: ["a"], written: "sums", element: "sum += a[i];" },
  // Small whole numbers, so that sums of them are exact.
  write: { arrays: ["a"], written: "a", element: "a[i] = vec4<f32>(f32(i & 7u), 1.0, 2.0, 3.0);" },
  copy: { arrays: ["a", "b"], written: "b", element: "b[i] = a[i];" },
  triad: { arrays: ["a", "b", "c"], written: "a", element: "a[i] = b[i] + 3.0 * c[i];" },
};

function streamKernel(stream: StreamWork["stream"], quads: number, each: number, workgroups: number): WgslKernel {
  const { arrays, written, element } = streams[stream];
  const sums = stream === "read";
  const access = (name: string): "read" | "read_write" => (name === written ? "read_write" : "read");
  return wgslKernel({
    name: stream,
    threads,
    bindings: [
      ...arrays.map((name) => ({ name, access: access(name), element: "vec4<f32>" })),
      ...(sums ? [{ name: "sums", access: access("sums"), element: "f32" }] : []),
    ],
    body: `if (group >= ${workgroups}u) { return; }
  let first = group * ${threads * each}u + thread;
${sums ? "  var sum = vec4<f32>();\n" : ""}  for (var at = first; at < first + ${threads * each}u; at += ${threads * unrolledQuads}u) {
    if (at + ${(unrolledQuads - 1) * threads}u < ${quads}u) {
${unrolled(unrolledQuads, (step) => `      { let i = at + ${step * threads}u; ${element} }`)}
    } else {
      for (var i = at; i < ${quads}u; i += ${threads}u) { ${element} }
    }
  }
${sums ? `  sums[group * ${threads}u + thread] = dot(sum, vec4<f32>(1.0));` : ""}`,
  });
}
