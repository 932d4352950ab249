/**
 * What every backend is held to: the reference's answers, over random shapes. A backend's test file calls this once; whole decode
 * steps are in step-conformance.ts.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  AttentionWork,
  CacheAppendWork,
  KernelBackend,
  KernelWork,
  LinearWork,
  StorageFormat,
} from "../../src/kernels/kernel.ts";
import { referenceBackend } from "../../src/kernels/reference/reference-backend.ts";
import { type SeededRandom, seededRandom } from "../../src/quantity/seeded-random.ts";
import { int8Bounds } from "./int8-bounds.ts";
import { partScales } from "./part-scales.ts";
import { bf16Rounded, f16Rounded, roundedTo } from "./rounded-work.ts";

/** Largest difference over the reference's largest element of the same part (partScales). */
const tolerance: Readonly<Record<"f32" | "bf16" | "f16", number>> = { f32: 1e-4, bf16: 1e-2, f16: 1e-2 };

const storageFormats: readonly StorageFormat[] = ["f32", "f16", "bf16", "int8", "f64"];

export interface ConformanceSettings {
  readonly formats: readonly StorageFormat[];
  /** Random cases a property. */
  readonly cases: number;
}

export async function answerOf(backend: KernelBackend, work: KernelWork): Promise<Float64Array> {
  const prepared = await backend.prepare(work);
  if (prepared.refused) throw new Error(prepared.reason);
  await prepared.run();
  const output = await prepared.output();
  prepared.release();
  return output;
}

/** Each element within `limit` of its scale, and what else is allowed. */
function within(
  limit: number,
  ours: Float64Array,
  exact: Float64Array,
  scales: Float64Array,
  more?: Float64Array,
): void {
  ours.forEach((value, i) => {
    const off = Math.abs(value - (exact[i] as number));
    const most = limit * (scales[i] as number) + (more?.[i] ?? 0);
    if (!(off <= most)) expect.fail(`element ${i} is ${value}, not ${exact[i]}: off by ${off}, allowed ${most}`);
  });
}

export function conformance(name: string, backend: KernelBackend, settings: ConformanceSettings): void {
  const oracle = referenceBackend();
  const agrees = async (work: KernelWork, format: StorageFormat = "f32"): Promise<void> => {
    const [ours, exact] = [await answerOf(backend, work), await answerOf(oracle, work)];
    expect(ours).toHaveLength(exact.length);
    const scales = partScales(work, exact);
    // What is stored in 16 bits is rounded, and nothing else is: of the rounded operands the answer is as exact as in f32.
    const rounded = format === "bf16" ? bf16Rounded : format === "f16" ? f16Rounded : null;
    if (rounded !== null) within(1e-4, ours, await answerOf(oracle, roundedTo(rounded, work)), scales);
    if (format === "int8") within(1e-4, ours, exact, scales, int8Bounds(work));
    else within(tolerance[format as keyof typeof tolerance] ?? 1e-4, ours, exact, scales);
  };
  // Seeds that stay, another for each format: the tolerance of bf16 is a bound on nearly all shapes, and a rare exception must not
  // fail another change.
  const forAll = (holds: (seed: number) => Promise<void>, format: StorageFormat = "f32"): Promise<void> => {
    const seed = 1 + storageFormats.indexOf(format);
    return fc.assert(fc.asyncProperty(fc.nat({ max: 1e9 }), holds), { numRuns: settings.cases, seed });
  };

  describe(`${name} against the reference`, () => {
    it.each(settings.formats)("attention, %s: ragged contexts, groups, reaches, sinks, several new tokens", (format) =>
      forAll((seed) => agrees(randomAttention(seededRandom(seed), format), format), format),
    );
    it.each([64, 80, 96, 128, 256])("attention with head size %d, long enough to be split", async (headDim) => {
      for (const format of settings.formats) {
        for (const [heads, kvHeads] of [
          [2, 2],
          [4, 1],
          [12, 1],
        ] as const) {
          const random = seededRandom(headDim + heads);
          const contexts = [1100, 1];
          await agrees(attention(random, { heads, kvHeads, headDim, contexts, format }), format);
        }
      }
    });
    it.each(settings.formats)(
      "attention, %s: sinks that outweigh rows, over contexts cut into spans",
      async (format) => {
        const shape = { heads: 4, kvHeads: 2, headDim: 64, contexts: [1100, 70], format, sinks: true } as const;
        const work = attention(seededRandom(31), shape);
        // As much as hundreds of rows together, so that leaving one out anywhere shows in every format.
        const sinks = Float32Array.from(work.sinks ?? [], (sink) => sink + 6);
        await agrees({ ...work, sinks }, format);
      },
    );
    it("attention of several new tokens behind a window or in chunks, on both sides of a chunk's start", async () => {
      for (const format of settings.formats.slice(0, 1)) {
        // Positions 197 … 200 of the first sequence: three tokens in the chunk of 100 … 199, one in the next; 2047 … 2050 likewise.
        for (const reach of [
          { window: 100, chunk: null },
          { window: null, chunk: 100 },
          { window: null, chunk: 2048 },
          { window: 1, chunk: null },
        ]) {
          const shape = { heads: 6, kvHeads: 2, headDim: 64, contexts: [201, 2051, 5], queryTokens: 4, reach, format };
          await agrees(attention(seededRandom(32), shape), format);
        }
      }
    });
    it.each(settings.formats)("attention, %s: groups of 3, 5 and 7 heads, one token and several", async (format) => {
      for (const [group, queryTokens] of [
        [3, 1],
        [5, 2],
        [7, 1],
      ] as const) {
        const shape = { heads: 2 * group, kvHeads: 2, headDim: 80, contexts: [300, 33], queryTokens, format };
        await agrees(attention(seededRandom(33 + group), shape), format);
      }
    });
    it("attention with logits of ±1e4", async () => {
      for (const heads of [1, 4, 8]) {
        const work = attention(seededRandom(heads), { heads, kvHeads: 1, headDim: 64, contexts: [700], format: "f32" });
        const row = (j: number): number => [1, -1, 0.5, -0.25][j % 4] as number;
        // Each logit is Σ q k / 8 with q = 100 and k = ±12.5 or a part of it: 1e4, −1e4, 5e3, −2.5e3; ties are exact.
        const keys = Float32Array.from(work.keys, (_, i) => 12.5 * row(Math.floor(i / 64)));
        await agrees({ ...work, queries: new Float32Array(work.queries.length).fill(100), keys });
        const low = keys.map((k) => (k > 0 ? -k : k));
        await agrees({ ...work, queries: new Float32Array(work.queries.length).fill(100), keys: low });
      }
    });
    it.each(settings.formats)("linear, %s", (format) =>
      forAll((seed) => agrees(randomLinear(seededRandom(seed), format), format), format),
    );
    it("linear of more columns than the part of a row that a kernel takes at a time", async () => {
      for (const format of settings.formats) {
        for (const tokens of [1, 5]) await agrees(linear(seededRandom(tokens), tokens, 2100, 70, format), format);
      }
    });
    it("linear of 256 rows", async () => {
      for (const format of settings.formats) await agrees(linear(seededRandom(3), 256, 300, 130, format), format);
    });
    it("norms, rotary embedding, activations and residual", () =>
      forAll(async (seed) => {
        for (const work of smallWorks(seededRandom(seed))) await agrees(work);
      }));
    it("the same large enough for several threads", async () => {
      for (const work of smallWorks(seededRandom(7), { vectors: 18, features: 4097, dFf: 4098, heads: 1000 }))
        await agrees(work);
    });
    it.each(settings.formats)("cache append, %s", (format) =>
      forAll((seed) => agrees(randomAppend(seededRandom(seed), format), format), format),
    );
    it.each(settings.formats)("cache append of many rows, %s", async (format) => {
      await agrees(append(seededRandom(3), { rowElements: 1030, sequences: 60, format }), format);
    });
  });
}

export type AttentionShape = Pick<AttentionWork, "heads" | "kvHeads" | "headDim" | "contexts" | "format"> &
  Partial<Pick<AttentionWork, "queryTokens" | "reach" | "capacity">> & { readonly sinks?: boolean };

export function attention(random: SeededRandom, shape: AttentionShape): AttentionWork {
  const { heads, kvHeads, headDim, contexts, queryTokens = 1 } = shape;
  const capacity = shape.capacity ?? Math.max(...contexts);
  const stored = contexts.length * capacity * kvHeads * headDim;
  const sinks = shape.sinks === true ? random.normals(heads) : null;
  return {
    reach: { window: null, chunk: null },
    ...shape,
    kind: "attention",
    capacity,
    queryTokens,
    queries: random.normals(contexts.length * queryTokens * heads * headDim),
    keys: random.normals(stored),
    values: random.normals(stored),
    sinks,
  };
}

function randomAttention(random: SeededRandom, format: StorageFormat): AttentionWork {
  const kvHeads = 1 + random.below(3);
  const queryTokens = random.below(3) === 0 ? 2 + random.below(4) : 1;
  const contexts = Array.from({ length: 1 + random.below(3) }, () => queryTokens + random.below(600));
  const reaches = [
    { window: 1 + random.below(200), chunk: null },
    { window: null, chunk: 1 + random.below(200) },
  ];
  return attention(random, {
    kvHeads,
    heads: kvHeads * (1 + random.below(random.below(4) === 0 ? 13 : 4)),
    headDim: [8, 64, 80, 96][random.below(4)] as number,
    contexts,
    capacity: Math.max(...contexts) + random.below(9),
    queryTokens,
    reach: reaches[random.below(4)] ?? { window: null, chunk: null },
    sinks: random.below(3) === 0,
    format,
  });
}

function linear(random: SeededRandom, tokens: number, k: number, n: number, format: StorageFormat): LinearWork {
  const operands = { input: random.normals(tokens * k), weights: random.normals(n * k), bias: null };
  return { kind: "linear", tokens, inFeatures: k, outFeatures: n, format, ...operands };
}

function randomLinear(random: SeededRandom, format: StorageFormat): LinearWork {
  const tokens = random.below(2) === 0 ? 1 : 1 + random.below(20);
  const work = linear(random, tokens, 1 + random.below(600), 1 + random.below(150), format);
  return random.below(2) === 0 ? work : { ...work, bias: random.normals(work.outFeatures) };
}

interface SmallShape {
  readonly vectors: number;
  readonly features: number;
  readonly dFf: number;
  readonly heads: number;
}

function smallWorks(random: SeededRandom, given?: SmallShape): KernelWork[] {
  const vectors = given?.vectors ?? 1 + random.below(4);
  const features = given?.features ?? 1 + random.below(90);
  const normed = { kind: "normalization", vectors, features, epsilon: 1e-5 } as const;
  const input = random.normals(vectors * features, 3, 1);
  const weight = random.normals(features);
  const bias = random.normals(features);
  const dFf = given?.dFf ?? 1 + random.below(50);
  const gated = random.below(2) === 0;
  const activated = { kind: "feed-forward-activation", tokens: vectors, dFf, gated } as const;
  const raw = random.normals(vectors * (gated ? 2 : 1) * dFf, 4);
  const headDim = 2 * (2 + random.below(20));
  const heads = given?.heads ?? 3;
  const positions = Array.from({ length: vectors }, () => random.below(5000));
  const turned = { headDim, heads, positions, base: 10000, input: random.normals(vectors * heads * headDim) };
  return [
    { ...normed, norm: "rms", input, weight, bias: null },
    // One feature has no variance, and its quotient is nought over ε.
    ...(features === 1 ? [] : [{ ...normed, norm: "layer", input, weight, bias } as const]),
    ...(features === 1 ? [] : [{ ...normed, norm: "plain", input, weight: null, bias: null } as const]),
    { ...activated, activation: "silu", input: raw },
    { ...activated, activation: "gelu", input: raw },
    { ...activated, activation: "relu", input: raw },
    { kind: "rotary-embedding", ...turned, rotaryDim: headDim - 2 },
    { kind: "residual", x: input, y: random.normals(vectors * features) },
  ];
}

interface AppendShape {
  readonly rowElements: number;
  readonly sequences: number;
  readonly format: StorageFormat;
}

/** Two new tokens a sequence, each at another end. */
function append(random: SeededRandom, { rowElements, sequences, format }: AppendShape): CacheAppendWork {
  const contexts = Array.from({ length: sequences }, () => 2 + random.below(8));
  const shape = { rowElements, capacity: 9, contexts, queryTokens: 2, format };
  const cache = random.normals(sequences * 9 * rowElements);
  return { kind: "cache-append", ...shape, cache, rows: random.normals(sequences * 2 * rowElements) };
}

function randomAppend(random: SeededRandom, format: StorageFormat): CacheAppendWork {
  return append(random, { rowElements: 1 + random.below(150), sequences: 1 + random.below(3), format });
}
