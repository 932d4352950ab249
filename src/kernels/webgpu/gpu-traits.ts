/** What kernels are made for: the limits and features of a device, of which every figure in a kernel is a function. */

export interface GpuTraits {
  /** Subgroup operations, with the subgroup's number in its workgroup. */
  readonly subgroups: boolean;
  /** Threads that a workgroup may have. */
  readonly workgroupThreads: number;
  /** Memory that a workgroup may share. */
  readonly workgroupBytes: number;
  /** Bytes that a binding, and the buffer behind it, may have. */
  readonly bindingBytes: number;
  /** Storage buffers that a kernel may bind. */
  readonly bindings: number;
  readonly workgroupsPerDimension: number;
}

/** What every WebGPU device has (the specification's default limits), without features. */
export const leastTraits: GpuTraits = {
  subgroups: false,
  workgroupThreads: 256,
  workgroupBytes: 16_384,
  bindingBytes: 134_217_728,
  bindings: 8,
  workgroupsPerDimension: 65_535,
};

/** `count` workgroups in two dimensions; kernels number them as group = y · width + x and leave those beyond `count` out. */
export function workgroupGrid(count: number, traits: GpuTraits): readonly [number, number, number] {
  const rows = Math.max(1, Math.ceil(count / traits.workgroupsPerDimension));
  return [Math.ceil(count / rows), rows, 1];
}

/** The largest power of two that is at most n (1 for less). */
export function powerOfTwoBelow(n: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(n)));
}

/** The least power of two that is at least n. */
export function powerOfTwoAbove(n: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(n)));
}

/** Workgroups that keep the largest GPU busy: some 15 for each of 132 multiprocessors. */
export const busyWorkgroups = 2048;
