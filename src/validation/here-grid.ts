/**
 * What `validate --here` measures on one backend: kernels of which some are fitted and the others predicted, and whole decode
 * steps of three architectures, each as MHA, GQA and MQA with all else equal. No kernel has the shape of one in the steps.
 *   gated   as Llama: SwiGLU, heads of 128; weights in bf16, cache in fp32
 *   plain   as GPT-2: ReLU, heads of 64; both in bf16
 *   wide    a narrow stream with a feed-forward network eight times as wide; both in fp32
 * Linear layers and attention are cold, small kernels warm, as they are in a step; a step has so many layers that its weights
 * alone pass the last cache twice.
 */
import type { KernelBackend } from "../kernels/kernel.ts";
import type {
  ElementwiseShape,
  GridRow,
  MeasuredShape,
  StepDimensions,
  StepShape,
} from "../measurement/measured-shape.ts";
import { shapeBytes } from "../measurement/shape-bytes.ts";

export interface HereGridSettings {
  readonly backend: KernelBackend["name"];
  readonly threads: number;
  /** Of the outermost cache. */
  readonly lastCacheBytes: number;
  /** Fewer kernels, formats and contexts. */
  readonly quick: boolean;
}

export interface HereGrid {
  readonly kernels: readonly GridRow[];
  readonly steps: readonly (GridRow & { readonly shape: StepShape })[];
}

export function hereGrid(settings: HereGridSettings): HereGrid {
  const { backend, threads, lastCacheBytes, quick } = settings;
  const rowOf = (shape: MeasuredShape): GridRow => ({ shape, backend, threads, cold: shape.kind !== "elementwise" });
  // The quick one leaves out the format that no step has.
  const formats = quick ? ["fp32", "bf16"] : ["fp32", "bf16", "int8"];
  const large = formats.flatMap((dtype) => [...linearShapes(dtype), ...attentionShapes(dtype, quick)]);
  const kernels = [...large, ...smallShapes()].map(rowOf);
  const steps = stepShapes(lastCacheBytes, quick).map((shape) => ({ shape, backend, threads, cold: true }));
  return { kernels, steps };
}

/** One row of x: inputs by outputs, from half a million weights to tens of millions. */
const linearSizes: readonly (readonly [k: number, n: number])[] = [
  [1152, 1024],
  [1536, 2048],
  [4096, 1024],
  [1024, 6144],
  [2048, 4096],
  [3072, 3072],
  [4096, 4096],
  [1536, 16384],
  [2048, 24576],
];

function linearShapes(dtype: string): MeasuredShape[] {
  return linearSizes.map(([k, n]) => ({ kind: "linear", dtype, what: "", m: 1, k, n }));
}

/**
 * Heads, K/V heads and head sizes with the contexts of each, so that the bytes of all variants overlap. One context is MHA's and
 * MQA's alike, for the speed-up of the one over the other.
 */
const attentionSizes: readonly {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly contexts: readonly number[];
}[] = [
  { heads: 16, kvHeads: 16, headDim: 128, contexts: [384, 1536, 3072, 6144, 12288, 18432] },
  { heads: 16, kvHeads: 16, headDim: 64, contexts: [768, 1536, 3072, 6144, 12288, 24576] },
  { heads: 8, kvHeads: 8, headDim: 128, contexts: [1024, 5120, 20480] },
  { heads: 16, kvHeads: 4, headDim: 128, contexts: [1536, 6144, 12288, 24576] },
  { heads: 24, kvHeads: 6, headDim: 64, contexts: [3072, 12288] },
  { heads: 16, kvHeads: 1, headDim: 128, contexts: [1536, 3072, 12288, 24576] },
  { heads: 8, kvHeads: 1, headDim: 128, contexts: [3072, 18432] },
  { heads: 16, kvHeads: 1, headDim: 64, contexts: [6144, 24576] },
  { heads: 24, kvHeads: 1, headDim: 64, contexts: [3072, 18432] },
  { heads: 4, kvHeads: 1, headDim: 128, contexts: [3072, 6144, 24576] },
];

function attentionShapes(dtype: string, quick: boolean): MeasuredShape[] {
  return attentionSizes.flatMap(({ heads, kvHeads, headDim, contexts }) =>
    contexts
      .filter((_, i) => !quick || i !== 1 || contexts.length < 4)
      .map((context): MeasuredShape => ({ kind: "attention", dtype, batch: 1, heads, kvHeads, headDim, context })),
  );
}

/** What stands between the large kernels of a step, for one token. */
function smallShapes(): ElementwiseShape[] {
  const sizes = [896, 1408, 1920, 2560, 5120, 10240];
  return sizes.flatMap((features): ElementwiseShape[] => {
    const shape = { kind: "elementwise" as const, dtype: "fp32", rows: 1, features, headDim: null, gated: null };
    return [
      { ...shape, op: "normalization" },
      { ...shape, op: "rotary-embedding", headDim: 128 },
      { ...shape, op: "feed-forward-activation", gated: true },
      { ...shape, op: "feed-forward-activation", gated: false },
      { ...shape, op: "residual" },
      { ...shape, op: "cache-append", dtype: "bf16" },
      { ...shape, op: "cache-append" },
    ];
  });
}

interface Architecture extends Omit<StepDimensions, "layers" | "kvHeads"> {
  readonly model: string;
  readonly kvHeads: readonly number[];
  readonly dtype: string;
  readonly kvDtype: string;
}

const architectures: readonly Architecture[] = [
  {
    ...{ model: "gated", dModel: 1024, heads: 8, headDim: 128, dFf: 2816, gated: true, vocab: 8192, window: null },
    ...{ kvHeads: [8, 2, 1], dtype: "bf16", kvDtype: "fp32" },
  },
  {
    ...{ model: "plain", dModel: 768, heads: 12, headDim: 64, dFf: 3072, gated: false, vocab: 16384, window: null },
    ...{ kvHeads: [12, 3, 1], dtype: "bf16", kvDtype: "bf16" },
  },
  {
    ...{ model: "wide", dModel: 512, heads: 8, headDim: 64, dFf: 4096, gated: true, vocab: 4096, window: null },
    ...{ kvHeads: [8, 2, 1], dtype: "fp32", kvDtype: "fp32" },
  },
];

const leastLayers = 4;
const mostLayers = 64;
/** Times that a step's weights pass the last cache. */
const cacheTimes = 2;

function stepShapes(lastCacheBytes: number, quick: boolean): StepShape[] {
  const contexts = quick ? [2048, 16384] : [2048, 8192, 16384];
  return architectures.flatMap((architecture) => {
    const { kvHeads: variants, ...dimensions } = architecture;
    const shapeOf = (layers: number, kvHeads: number, context: number): StepShape => {
      return { kind: "steps", ...dimensions, layers, kvHeads, batch: 1, context };
    };
    const layers = layersPassing(cacheTimes * lastCacheBytes, (count) => shapeBytes(shapeOf(count, 1, 1)).weights);
    return variants.flatMap((kvHeads) => contexts.map((context) => shapeOf(layers, kvHeads, context)));
  });
}

/** The least number of layers whose weights pass so many bytes. */
function layersPassing(bytes: number, weightsOf: (layers: number) => number): number {
  for (let layers = leastLayers; layers < mostLayers; layers++) if (weightsOf(layers) >= bytes) return layers;
  return mostLayers;
}
