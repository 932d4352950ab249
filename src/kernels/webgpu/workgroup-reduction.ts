/**
 * Sums or maxima of a few values over the threads of a workgroup, by subgroup operations where there are some and else by a
 * tree in workgroup memory.
 */

export interface WorkgroupReduction {
  /** Module scope: the memory, and `reduced(i, …)`, which answers value i to every thread. */
  readonly declarations: string;
  /** Statements that reduce the values named; barriers stand before and after. Call it in uniform control flow. */
  readonly reduce: (names: readonly string[]) => string;
  /** The reduced value i, an expression. */
  readonly value: (i: string) => string;
  /** Workgroup memory that it takes. */
  readonly bytes: number;
}

/** The specification's least size of a subgroup. */
const leastSubgroup = 4;

/** @param threads a power of two */
export function workgroupReduction(
  operation: "sum" | "max",
  threads: number,
  values: number,
  subgroups: boolean,
): WorkgroupReduction {
  const join = (a: string, b: string): string => (operation === "sum" ? `${a} + ${b}` : `max(${a}, ${b})`);
  if (subgroups) {
    const parts = Math.max(1, threads / leastSubgroup);
    const call = operation === "sum" ? "subgroupAdd" : "subgroupMax";
    return {
      bytes: 4 * values * parts,
      declarations: `var<workgroup> parts: array<f32, ${values * parts}>;
fn reduced(value: u32, subgroups: u32) -> f32 {
  var all = parts[value * ${parts}u];
  for (var i = 1u; i < subgroups; i++) { all = ${join("all", `parts[value * ${parts}u + i]`)}; }
  return all;
}`,
      reduce: (names) =>
        [
          "{",
          ...names.map((name, i) => `let joined${i} = ${call}(${name});`),
          "workgroupBarrier();",
          "if (lane == 0u) {",
          ...names.map((_, i) => `  parts[${i * parts}u + subgroup] = joined${i};`),
          "}",
          "}",
          "workgroupBarrier();",
        ].join("\n"),
      value: (i) => `reduced(${i}, subgroups)`,
    };
  }
  return {
    bytes: 4 * values * threads,
    declarations: `var<workgroup> parts: array<f32, ${values * threads}>;
fn reduced(value: u32) -> f32 { return parts[value * ${threads}u]; }`,
    reduce: (names) =>
      [
        "workgroupBarrier();",
        ...names.map((name, i) => `parts[${i * threads}u + thread] = ${name};`),
        "workgroupBarrier();",
        `for (var step = ${threads / 2}u; step > 0u; step >>= 1u) {`,
        "  if (thread < step) {",
        ...names.map((_, i) => {
          const at = `parts[${i * threads}u + thread]`;
          return `    ${at} = ${join(at, `parts[${i * threads}u + thread + step]`)};`;
        }),
        "  }",
        "  workgroupBarrier();",
        "}",
      ].join("\n"),
    value: (i) => `reduced(${i})`,
  };
}
