/** What kernels of one element a thread share. */

/** Threads of a workgroup, each with one element. */
export const elementwiseThreads = 256;

/** Workgroups of a kernel of `elements`. */
export function elementwiseWorkgroups(elements: number): number {
  return Math.ceil(elements / elementwiseThreads);
}

/** A sigmoid whose exponential cannot overflow. */
export const sigmoidWgsl = "fn sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + exp(min(-x, 80.0))); }";
