/**
 * Norms, a workgroup a vector: rms x / √(mean(x²) + ε) · w, layer (x − mean) / √(var + ε) · w + b, plain the same without w, b.
 * The variance is that of the centred values, so that a large mean costs no digits.
 */
import { type GpuTraits, powerOfTwoAbove, powerOfTwoBelow } from "./gpu-traits.ts";
import { type WgslBinding, type WgslKernel, wgslKernel } from "./wgsl-kernel.ts";
import { workgroupReduction } from "./workgroup-reduction.ts";

/** Where vectors lie: `each` of them a token, one after the other from element `first` of a token's row on. */
export interface VectorPlaces {
  readonly each: number;
  readonly first: number;
  readonly tokenStride: number;
}

export interface NormalizationShape {
  readonly norm: "rms" | "layer" | "plain";
  readonly vectors: number;
  readonly features: number;
  readonly epsilon: number;
  readonly weight: boolean;
  readonly bias: boolean;
  /** Vectors are replaced where they lie, in the one buffer; null reads packed vectors and writes packed ones elsewhere. */
  readonly inPlace: VectorPlaces | null;
}

export function normalizationKernel(shape: NormalizationShape, traits: GpuTraits): WgslKernel {
  const { norm, vectors, features, epsilon, weight, bias, inPlace } = shape;
  const { subgroups } = traits;
  const threads = Math.min(powerOfTwoBelow(traits.workgroupThreads), Math.max(32, powerOfTwoAbove(features / 4)), 256);
  const reduction = workgroupReduction("sum", threads, 1, subgroups);
  const bindings: WgslBinding[] = [];
  if (inPlace === null) bindings.push({ name: "inputs", access: "read", element: "f32" });
  bindings.push({ name: "outputs", access: "read_write", element: "f32" });
  if (weight) bindings.push({ name: "weights", access: "read", element: "f32" });
  if (bias) bindings.push({ name: "bias", access: "read", element: "f32" });
  const source = inPlace === null ? "inputs" : "outputs";
  const at =
    inPlace === null
      ? `group * ${features}u`
      : `group / ${inPlace.each}u * ${inPlace.tokenStride}u + ${inPlace.first}u + group % ${inPlace.each}u * ${features}u`;
  const loop = `for (var i = thread; i < ${features}u; i += ${threads}u)`;
  const centre =
    norm === "rms"
      ? "  let mean = 0.0;"
      : `  var sum = 0.0;
  ${loop} { sum += ${source}[at + i]; }
${reduction.reduce(["sum"])}
  let mean = ${reduction.value("0u")} / ${features}.0;`;
  const scaled = `(${source}[at + i] - mean) * scale${weight ? " * weights[i]" : ""}${bias ? " + bias[i]" : ""}`;
  return wgslKernel({
    name: `${norm} norm`,
    threads,
    bindings,
    subgroups,
    declarations: reduction.declarations,
    body: `if (group >= ${vectors}u) { return; }
  let at = ${at};
${centre}
  var squares = 0.0;
  ${loop} {
    let centred = ${source}[at + i] - mean;
    squares += centred * centred;
  }
${reduction.reduce(["squares"])}
  let scale = 1.0 / sqrt(${reduction.value("0u")} / ${features}.0 + ${epsilon.toExponential()});
  ${loop} { outputs[at + i] = ${scaled}; }`,
  });
}
