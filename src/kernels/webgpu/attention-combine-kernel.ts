/**
 * Joins the partial results of a query's spans: with m_i and l_i the maximum and the sum of span i and M the largest m_i,
 *   o = Σ e^(m_i − M) o_i / Σ e^(m_i − M) l_i;  a sink s is a span of its own with m = s, l = 1 and no output.
 */
import { type GpuTraits, powerOfTwoBelow } from "./gpu-traits.ts";
import { type WgslBinding, type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";
import { workgroupReduction } from "./workgroup-reduction.ts";

export interface AttentionCombineShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly queryTokens: number;
  readonly sinks: boolean;
  /** Pairs of a sequence and a K/V head. */
  readonly pairs: number;
}

/** Words of a pair in the pair table: first partial, partials, token, K/V head. */
export const pairWords = 4;

/** One workgroup a query: threads over quads of the output and parts of its spans. */
export function attentionCombineKernel(shape: AttentionCombineShape, traits: GpuTraits): WgslKernel {
  const { heads, kvHeads, headDim, queryTokens, sinks } = shape;
  const quads = Math.ceil(headDim / 4);
  const threads = Math.min(256, powerOfTwoBelow(traits.workgroupThreads));
  const parts = Math.max(1, Math.floor(threads / quads));
  const group = heads / kvHeads;
  const queries = group * queryTokens;
  const { subgroups } = traits;
  const maximum = workgroupReduction("max", threads, 1, subgroups);
  const bindings: WgslBinding[] = [
    { name: "partials", access: "read", element: "vec4<f32>" },
    { name: "statistics", access: "read", element: "vec2<f32>" },
    { name: "pairs", access: "read", element: "vec4<u32>" },
    { name: "outputs", access: "read_write", element: "vec4<f32>" },
  ];
  if (sinks) bindings.push({ name: "sinks", access: "read", element: "f32" });
  return wgslKernel({
    name: "attention, spans joined",
    threads,
    bindings,
    subgroups,
    declarations: `${maximum.declarations}
var<workgroup> joined: array<vec4<f32>, ${threads}>;
var<workgroup> sums: array<f32, ${threads}>;`,
    body: `if (group >= ${shape.pairs * queries}u) { return; }
  let pair = pairs[group / ${queries}u];
  let query = group % ${queries}u;
  let head = pair.w * ${group}u + query % ${group}u;
  var largest = ${sinks ? "sinks[head]" : "-3.0e38"};
  for (var i = thread; i < pair.y; i += ${threads}u) {
    largest = max(largest, statistics[(pair.x + i) * ${queries}u + query].x);
  }
${maximum.reduce(["largest"])}
  let top = ${maximum.value("0u")};
  let quad = thread % ${quads}u;
  let part = thread / ${quads}u;
  var output = vec4<f32>();
  var sum = 0.0;
  if (part < ${parts}u) {
    for (var i = part; i < pair.y; i += ${parts}u) {
      let at = (pair.x + i) * ${queries}u + query;
      let factor = exp(max(statistics[at].x - top, -200.0));
      output += factor * partials[at * ${quads}u + quad];
      sum += factor * statistics[at].y;
    }
  }
  joined[thread] = output;
  sums[thread] = sum;
  workgroupBarrier();
  if (part == 0u) {
    for (var i = 1u; i < ${parts}u; i++) {
      output += joined[thread + i * ${quads}u];
      sum += sums[thread + i * ${quads}u];
    }
${sinks ? "    sum += exp(max(sinks[head] - top, -200.0));\n" : ""}    outputs[((pair.z + query / ${group}u) * ${heads}u + head) * ${quads}u + quad] = output / sum;
  }`,
  });
}
