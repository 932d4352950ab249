import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { deltaNet } from "../../../src/kernels/reference/delta-net.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Processor } from "../../../src/kernels/reference/processor.ts";
import { linearAttentionCore } from "../../../src/operations/linear-attention-core.ts";
import { emptyCounts } from "../../../src/operations/operation.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { relativeError, stepPoint } from "./attention-case.ts";

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const anyCase = fc
  .record({
    sequences: small(3),
    queryTokens: small(4),
    keyHeads: small(2),
    group: small(3),
    keyDim: small(4),
    valueDim: small(4),
    convolution: small(4),
    seed: fc.integer(),
  })
  .map(({ group, ...c }) => ({ ...c, valueHeads: group * c.keyHeads }));
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

const channelsOf = (c: Case): number => 2 * c.keyHeads * c.keyDim + c.valueHeads * c.valueDim;
const bytes = { activations: 2, weights: 4, state: 8, convolution: 1 };

interface Data {
  readonly input: Float64Array;
  readonly gates: Float64Array;
  readonly state: Float64Array;
  readonly convolutionState: Float64Array;
}

function dataOf(c: Case): Data {
  const random = seededRandom(c.seed);
  const tokens = c.sequences * c.queryTokens;
  return {
    input: random.normals(tokens * (channelsOf(c) + c.valueHeads * c.valueDim)),
    gates: random.normals(tokens * 2 * c.valueHeads),
    state: random.normals(c.sequences * c.valueHeads * c.keyDim * c.valueDim),
    convolutionState: random.normals(c.sequences * (c.convolution - 1) * channelsOf(c)),
  };
}

function run(c: Case, data: Data, p: Processor = plainProcessor): Float64Array {
  const random = seededRandom(c.seed + 1);
  const output = new Float64Array(c.sequences * c.queryTokens * c.valueHeads * c.valueDim);
  const weights = (n: number) => p.tensor("weights", random.normals(n), bytes.weights);
  deltaNet(p, {
    ...c,
    input: p.tensor("activations", data.input, bytes.activations),
    gates: p.tensor("activations", data.gates, bytes.activations),
    weights: {
      convolution: weights(channelsOf(c) * c.convolution),
      norm: weights(c.valueDim),
      decay: weights(c.valueHeads),
      stepBias: weights(c.valueHeads),
    },
    state: p.tensor("cache", data.state, bytes.state),
    convolutionState: p.tensor("cache", data.convolutionState, bytes.convolution),
    output: p.tensor("activations", output, bytes.activations),
    epsilon: 1e-6,
  });
  return output;
}

describe("Gated DeltaNet", () => {
  it("by hand: of one key dimension, S = α S + β (v − α S) with k = q = 1, and the output is the sign of S", () => {
    const c = {
      sequences: 1,
      queryTokens: 1,
      keyHeads: 1,
      valueHeads: 1,
      keyDim: 1,
      valueDim: 1,
      convolution: 1,
      seed: 0,
    };
    const p = plainProcessor;
    const tensor = (...values: number[]) => p.tensor("weights", Float64Array.from(values), 1);
    const state = Float64Array.of(2);
    const output = new Float64Array(1);
    deltaNet(p, {
      ...c,
      input: tensor(20, 30, 40, 50),
      gates: tensor(0, Math.log(Math.E - 1)),
      weights: { convolution: tensor(1, 1, 1), norm: tensor(1), decay: tensor(0), stepBias: tensor(0) },
      state: p.tensor("cache", state, 1),
      convolutionState: tensor(),
      output: p.tensor("activations", output, 1),
      epsilon: 0,
    });
    // β = σ(0) = 1/2; softplus(ln(e − 1)) = 1, so α = 1/e; SiLU(40) = 40 to 1e-15, SiLU(50) = 50.
    const decayed = 2 / Math.E;
    expect(state[0]).toBeCloseTo(decayed + 0.5 * (40 - decayed), 12);
    expect(output[0]).toBeCloseTo(50, 12);
  });

  it("reads back what it stored: with β = 1, S k = v", () => {
    // A gate of 1000 is β = 1, a step of −1000 is α = 1; then qᵀS for q = k is v / √dk before the norm.
    const c = {
      sequences: 1,
      queryTokens: 1,
      keyHeads: 1,
      valueHeads: 1,
      keyDim: 4,
      valueDim: 3,
      convolution: 1,
      seed: 2,
    };
    const data = { ...dataOf(c), gates: Float64Array.of(1000, -1000) };
    const before = data.state.slice();
    const p = plainProcessor;
    const ones = (n: number) => p.tensor("weights", new Float64Array(n).fill(1), 1);
    const weights = { convolution: ones(11), norm: ones(3), decay: ones(1), stepBias: ones(1) };
    deltaNet(p, {
      ...c,
      input: p.tensor("activations", data.input, 1),
      gates: p.tensor("activations", data.gates, 1),
      weights,
      state: p.tensor("cache", data.state, 1),
      convolutionState: ones(0),
      output: ones(3),
      epsilon: 0,
    });
    const silu = (x: number): number => x / (1 + Math.exp(-x));
    const key = Array.from(data.input.slice(4, 8), silu);
    const norm = Math.hypot(...key);
    for (let j = 0; j < 3; j++) {
      const read = key.reduce((sum, k, i) => sum + (k / norm) * (data.state[i * 3 + j] ?? 0), 0);
      expect(read).toBeCloseTo(silu(data.input[8 + j] ?? 0), 13);
    }
    expect(data.state).not.toEqual(before);
  });

  it("token by token gives the same as all at once, to the last bit", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const c = { ...given, sequences: 1 };
        const together = dataOf(c);
        const apart = dataOf(c);
        const whole = run(c, together);
        const width = channelsOf(c) + c.valueHeads * c.valueDim;
        for (let q = 0; q < c.queryTokens; q++) {
          const one = {
            ...apart,
            input: apart.input.slice(q * width, (q + 1) * width),
            gates: apart.gates.slice(q * 2 * c.valueHeads, (q + 1) * 2 * c.valueHeads),
          };
          const output = run({ ...c, queryTokens: 1 }, one);
          const elements = c.valueHeads * c.valueDim;
          expect(relativeError(output, whole.slice(q * elements, (q + 1) * elements))).toBe(0);
        }
        expect(apart.state).toEqual(together.state);
        expect(apart.convolutionState).toEqual(together.convolutionState);
      }),
    );
  });

  it("counts as the cost model does", () => {
    fc.assert(
      fc.property(anyCase, (c) => {
        const p = countingProcessor();
        run(c, dataOf(c), p);
        const channels = channelsOf(c);
        const model = emptyCounts();
        linearAttentionCore.count(
          {
            ...c,
            channels,
            weightBytes: (channels * c.convolution + c.valueDim + 2 * c.valueHeads) * bytes.weights,
            stateBytesPerElement: bytes.state,
            kvBytesPerElement: bytes.convolution,
            activationBytesPerElement: bytes.activations,
          },
          stepPoint(c.sequences, 1, c.queryTokens, 100),
          model,
        );
        const tokens = c.sequences * c.queryTokens;
        expect(p.counts()).toEqual(model);
        // Scalars: 3 a unit length, 4 a norm and 13 a head's gates.
        expect(p.workAside().flops).toBe(tokens * (3 * 2 * c.keyHeads + (4 + 13) * c.valueHeads));
      }),
    );
  });
});
