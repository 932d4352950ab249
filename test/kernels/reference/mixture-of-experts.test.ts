import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countingProcessor } from "../../../src/kernels/reference/counting-processor.ts";
import { feedForwardActivation } from "../../../src/kernels/reference/feed-forward-activation.ts";
import { linear } from "../../../src/kernels/reference/linear.ts";
import { type MixtureArguments, mixtureOfExperts } from "../../../src/kernels/reference/mixture-of-experts.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Processor } from "../../../src/kernels/reference/processor.ts";
import { distinctExperts, type Routing, routeTokens } from "../../../src/kernels/reference/routing.ts";
import { expectedExperts, mixtureOfExperts as operation } from "../../../src/operations/mixture-of-experts.ts";
import { emptyCounts } from "../../../src/operations/operation.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { stepPoint } from "./attention-case.ts";

const ea = 2;
const ew = 4;
const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const anyMixture = fc
  .record({
    tokens: small(6),
    experts: small(6),
    perToken: small(6),
    dModel: small(4),
    dFf: small(4),
    gated: fc.boolean(),
    bias: fc.boolean(),
    seed: fc.integer(),
  })
  .map((c) => ({ ...c, perToken: Math.min(c.perToken, c.experts) }));
type MixtureCase = typeof anyMixture extends fc.Arbitrary<infer T> ? T : never;

/** Every token's experts drawn uniformly, all with the same weight. */
function uniformRouting(c: MixtureCase): Routing {
  const random = seededRandom(c.seed);
  const experts = Int32Array.from(Array.from({ length: c.tokens }, () => random.choose(c.perToken, c.experts)).flat());
  return { expertsPerToken: c.perToken, experts, weights: new Float64Array(experts.length).fill(1 / c.perToken) };
}

function argumentsOf(c: MixtureCase, p: Processor, routing: Routing, output: Float64Array): MixtureArguments {
  const random = seededRandom(c.seed + 1);
  const inputs = c.gated ? 2 : 1;
  const weights = (n: number) => p.tensor("weights", random.normals(n), ew);
  const experts = Array.from({ length: c.experts }, () => ({
    up: weights(inputs * c.dFf * c.dModel),
    upBias: c.bias ? weights(inputs * c.dFf) : null,
    down: weights(c.dModel * c.dFf),
    downBias: c.bias ? weights(c.dModel) : null,
  }));
  return {
    ...c,
    kind: "silu",
    experts,
    routing,
    shared: null,
    input: p.tensor("activations", random.normals(c.tokens * c.dModel), ea),
    output: p.tensor("activations", output, ea),
    activationBytesPerElement: ea,
  };
}

function run(c: MixtureCase, p: Processor, routing: Routing = uniformRouting(c)): Float64Array {
  const output = new Float64Array(c.tokens * c.dModel);
  mixtureOfExperts(p, argumentsOf(c, p, routing, output));
  return output;
}

const inputsOf = (c: MixtureCase): number => (c.gated ? 2 : 1);
const biasElements = (c: MixtureCase): number => (c.bias ? inputsOf(c) * c.dFf + c.dModel : 0);
const expertBytes = (c: MixtureCase): number => ((inputsOf(c) + 1) * c.dModel * c.dFf + biasElements(c)) * ew;

function modelled(c: MixtureCase) {
  const expected = emptyCounts();
  const shape = {
    ...c,
    expertsPerToken: c.perToken,
    biasElements: biasElements(c),
    biasBytesPerElement: ew,
    weightBytesPerElement: ew,
    activationBytesPerElement: ea,
    tokenGroups: 1,
    touched: "all" as const,
  };
  operation.count(shape, stepPoint(c.tokens, 1, 1, 1), expected);
  return expected;
}

function executed(c: MixtureCase, routing: Routing = uniformRouting(c)) {
  const p = countingProcessor();
  run(c, p, routing);
  return p.counts();
}

describe("mixture of experts", () => {
  it("of one expert it is that expert's network", () => {
    const c = { tokens: 3, experts: 1, perToken: 1, dModel: 4, dFf: 5, gated: true, bias: true, seed: 4 };
    const p = plainProcessor;
    const a = argumentsOf(c, p, uniformRouting(c), new Float64Array(12));
    const expert = a.experts[0];
    if (expert === undefined) throw new Error("one expert");
    const scratch = (n: number) => p.tensor("activations", new Float64Array(n), ea);
    const values = new Float64Array(12);
    const [raised, active] = [scratch(30), scratch(15)];
    const up = { tokens: 3, inFeatures: 4, outFeatures: 10, weights: expert.up, bias: expert.upBias };
    linear(p, { ...up, input: a.input, output: raised });
    feedForwardActivation(p, { tokens: 3, dFf: 5, gated: true, kind: "silu", input: raised, output: active });
    const down = { tokens: 3, inFeatures: 5, outFeatures: 4, weights: expert.down, bias: expert.downBias };
    linear(p, { ...down, input: active, output: p.tensor("activations", values, ea) });
    expect(run(c, p)).toEqual(values);
  });

  it("counts as the cost model does, weights by the experts that were touched", () => {
    fc.assert(
      fc.property(anyMixture, (c) => {
        const routing = uniformRouting(c);
        const counts = executed(c, routing);
        const model = modelled(c);
        expect(counts.weightBytes).toBe(distinctExperts(routing) * expertBytes(c));
        expect(counts).toEqual({ ...model, weightBytes: counts.weightBytes });
        if (c.perToken === c.experts) expect(counts.weightBytes).toBe(model.weightBytes);
      }),
    );
  });

  it.each([
    [8, 2, 1],
    [8, 2, 4],
    [16, 2, 8],
    [16, 4, 3],
    [64, 6, 10],
  ])(
    "of %i experts, %i a token, %i tokens: the weights read average the expectation within 3 standard errors",
    (experts, perToken, tokens) => {
      const c = { tokens, experts, perToken, dModel: 1, dFf: 1, gated: false, bias: false, seed: 0 };
      const touched = Array.from({ length: 600 }, (_, seed) => {
        const counts = executed({ ...c, seed });
        return counts.weightBytes / expertBytes(c);
      });
      const mean = touched.reduce((s, x) => s + x, 0) / touched.length;
      const variance = touched.reduce((s, x) => s + (x - mean) ** 2, 0) / (touched.length - 1);
      const error = Math.sqrt(variance / touched.length);
      expect(Math.abs(mean - expectedExperts(experts, perToken, tokens))).toBeLessThanOrEqual(3 * error + 1e-12);
    },
  );
});

describe("the router", () => {
  it("by hand: logits ln 4, ln 1, ln 3 of three experts, two a token: experts 0 and 2 with 4/7 and 3/7", () => {
    const logits = plainProcessor.tensor("activations", Float64Array.of(Math.log(4), 0, Math.log(3)), ea);
    const routing = routeTokens(plainProcessor, logits, 1, 3, 2);
    expect([...routing.experts]).toEqual([0, 2]);
    expect(routing.weights[0]).toBeCloseTo(4 / 7, 14);
    expect(routing.weights[1]).toBeCloseTo(3 / 7, 14);
  });

  it("takes logits of ±1e4, and is tallied aside: T E reads", () => {
    const p = countingProcessor();
    const logits = p.tensor("activations", Float64Array.of(1e4, -1e4, 1e4, 0), ea);
    const routing = routeTokens(p, logits, 1, 4, 2);
    expect([...routing.experts]).toEqual([0, 2]);
    expect([...routing.weights]).toEqual([0.5, 0.5]);
    expect(p.counts()).toEqual(emptyCounts());
    // A maximum, a subtraction and an exponential an expert; a sum and a division an expert chosen.
    expect(p.workAside()).toEqual({ flops: 3 * 4 + 2 * 2, readElements: 4 });
  });
});
