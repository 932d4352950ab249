/** A kernel as data: WGSL text and how it is bound, made without a GPU, so that it can be read and tested anywhere. */

export interface WgslKernel {
  /** What errors and profilers call it. */
  readonly name: string;
  readonly wgsl: string;
  /** Each binding of group 0, in order: what its storage buffer is for. */
  readonly bindings: readonly string[];
  /** Threads of a workgroup. */
  readonly threads: number;
}

/** A binding as WGSL declares it. */
export interface WgslBinding {
  readonly name: string;
  readonly access: "read" | "read_write";
  /** WGSL type of an element. */
  readonly element: string;
}

/** The declarations of a kernel's bindings, numbered in order. */
export function bindingsWgsl(bindings: readonly WgslBinding[]): string {
  return bindings
    .map(
      ({ name, access, element }, i) => `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${element}>;`,
    )
    .join("\n");
}

/** A kernel of its parts: a head (enable directives), bindings, functions and the body of main, in `entry`'s parameters. */
export function wgslKernel(parts: {
  readonly name: string;
  readonly threads: number;
  readonly bindings: readonly WgslBinding[];
  readonly subgroups?: boolean;
  readonly declarations?: string;
  readonly body: string;
}): WgslKernel {
  const { name, threads, bindings, subgroups = false, declarations = "", body } = parts;
  const parameters = [
    "@builtin(local_invocation_index) thread: u32",
    "@builtin(workgroup_id) workgroup: vec3<u32>",
    "@builtin(num_workgroups) workgroups: vec3<u32>",
    ...(subgroups
      ? [
          "@builtin(subgroup_id) subgroup: u32",
          "@builtin(num_subgroups) subgroups: u32",
          "@builtin(subgroup_invocation_id) lane: u32",
        ]
      : []),
  ];
  const wgsl = [
    ...(subgroups ? ["enable subgroups;"] : []),
    bindingsWgsl(bindings),
    declarations.trim(),
    `@compute @workgroup_size(${threads})`,
    `fn main(${parameters.join(", ")}) {`,
    "  let group = workgroup.y * workgroups.x + workgroup.x;",
    `  ${body.trim()}`,
    "}",
    "",
  ].filter((line, i, all) => line.trim() !== "" || i === all.length - 1);
  return { name, wgsl: wgsl.join("\n"), bindings: bindings.map((binding) => binding.name), threads };
}

/** Code once for each of 0 … count − 1, so that what it keeps stays in registers. */
export function unrolled(count: number, code: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => code(i)).join("\n");
}
