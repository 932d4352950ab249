/**
 * A piece of work as a list of dispatches over buffers, made without a GPU. Buffers are filled when the program is prepared;
 * running it is encoding its dispatches, in order, as often as wanted.
 */
import type { GpuTraits } from "./gpu-traits.ts";
import type { WgslKernel } from "./wgsl-kernel.ts";

export interface GpuBufferPlan {
  readonly name: string;
  readonly bytes: number;
  /** Writes the first contents; "drawn" leaves them to the program's draw, null leaves zeros. */
  readonly fill: ((into: ArrayBuffer) => void) | "drawn" | null;
}

export interface GpuDispatch {
  readonly kernel: WgslKernel;
  /** One a binding of the kernel. */
  readonly buffers: readonly GpuBufferPlan[];
  readonly workgroups: readonly [number, number, number];
}

export interface GpuProgram {
  readonly buffers: readonly GpuBufferPlan[];
  /** Writes the contents of all drawn buffers, in an order of its own; null where there are none. */
  readonly draw: ((contents: (plan: GpuBufferPlan) => ArrayBuffer) => Promise<void>) | null;
  /** Dispatched once, when the program is prepared. */
  readonly first: readonly GpuDispatch[];
  readonly dispatches: readonly GpuDispatch[];
  /** What the answer is read from, one after the other, and how; null for work without an answer. */
  readonly output: {
    readonly buffers: readonly GpuBufferPlan[];
    readonly read: (contents: readonly ArrayBuffer[]) => Float64Array;
  } | null;
  /** PreparedKernel.amount of the work, where it has one. */
  readonly amount: number | null;
}

/** Bytes are rounded up to whole 16-byte elements, and no binding is empty. */
const elementBytes = 16;

/** Collects the buffers and dispatches of a program. */
export class GpuProgramBuilder {
  readonly traits: GpuTraits;
  private readonly buffers: GpuBufferPlan[] = [];
  private readonly dispatches: GpuDispatch[] = [];

  constructor(traits: GpuTraits) {
    this.traits = traits;
  }

  buffer(name: string, bytes: number, fill: GpuBufferPlan["fill"] = null): GpuBufferPlan {
    const plan = { name, bytes: Math.max(1, Math.ceil(bytes / elementBytes)) * elementBytes, fill };
    this.buffers.push(plan);
    return plan;
  }

  /** A buffer of float32 numbers. */
  floats(name: string, values: ArrayLike<number>): GpuBufferPlan {
    return this.buffer(name, 4 * values.length, (into) => new Float32Array(into).set(values));
  }

  /** A buffer of 32-bit words. */
  words(name: string, values: ArrayLike<number>): GpuBufferPlan {
    return this.buffer(name, 4 * values.length, (into) => new Uint32Array(into).set(values));
  }

  dispatch(kernel: WgslKernel, buffers: readonly GpuBufferPlan[], workgroups: readonly [number, number, number]): void {
    if (buffers.length !== kernel.bindings.length) {
      throw new RangeError(`${kernel.name} has ${kernel.bindings.length} bindings, not ${buffers.length}`);
    }
    this.dispatches.push({ kernel, buffers, workgroups });
  }

  program(output: GpuProgram["output"], rest: Partial<Pick<GpuProgram, "amount" | "first" | "draw">> = {}): GpuProgram {
    const { buffers, dispatches } = this;
    return { draw: null, first: [], amount: null, ...rest, buffers, dispatches, output };
  }
}

/** Why a device cannot hold a program, with both numbers; null where it can. */
export function programRefusal(program: GpuProgram, traits: GpuTraits): string | null {
  const largest = program.buffers.find(({ bytes }) => bytes > traits.bindingBytes);
  if (largest !== undefined) {
    return `the ${largest.name} take ${largest.bytes} bytes, a binding of this adapter at most ${traits.bindingBytes}`;
  }
  const limit = traits.workgroupsPerDimension;
  const wide = program.dispatches.find(({ workgroups }) => workgroups.some((count) => count > limit));
  if (wide !== undefined) {
    return `${wide.kernel.name} takes ${wide.workgroups.join(" × ")} workgroups, this adapter has at most ${limit} a dimension`;
  }
  return null;
}

/**
 * Reads [rows, padded] of float32 as [rows, elements]. Made here and not where the program is, since a function keeps alive what
 * its surroundings hold: a prepared kernel must not keep the numbers that its buffers were filled with.
 */
export function paddedRowsReader(
  rows: number,
  elements: number,
  padded: number,
): (contents: readonly ArrayBuffer[]) => Float64Array {
  return ([contents]) => {
    const values = new Float32Array(contents as ArrayBuffer);
    const output = new Float64Array(rows * elements);
    for (let row = 0; row < rows; row++) {
      output.set(values.subarray(row * padded, row * padded + elements), row * elements);
    }
    return output;
  };
}

/** Reads the first `count` numbers of float32. */
export function floatsReader(count: number): (contents: readonly ArrayBuffer[]) => Float64Array {
  return paddedRowsReader(1, count, count);
}
