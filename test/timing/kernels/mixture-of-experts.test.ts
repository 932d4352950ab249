import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MixtureOfExpertsCall } from "../../../src/timing/kernels/kernel-calls.ts";
import { mixtureOfExperts } from "../../../src/timing/kernels/mixture-of-experts.ts";
import {
  arbitraryMachine,
  arbitraryParameters,
  parametersOf,
  roundMachine,
  timed,
} from "../../fixtures/kernel-forms.ts";

const ideal = parametersOf(mixtureOfExperts, {
  ...{ startSeconds: 20e-6, remapSeconds: 5e-6, readEfficiency: 1, computeEfficiency: 1, serialShare: 0, padRows: 16 },
  ...{ modelMoves: 5, expertMoves: 4, foreignShare: 0.5, expertSeconds: 0 },
});
const small: MixtureOfExpertsCall = {
  ...{ tokens: 2, topK: 8, dModel: 1000, dFf: 500, experts: 64, localExperts: 64, touchedExperts: 8, choices: 16 },
  ...{ matrices: 3, weightBytesPerElement: 2, activationBytesPerElement: 2, peakFlopsPerSecond: 100e12 },
};
const microseconds = (call: MixtureOfExpertsCall): number =>
  timed(mixtureOfExperts, ideal, call, roundMachine).seconds * 1e6;

describe("seconds of a mixture of experts", () => {
  test("few choices are bound by the touched experts' weights: the example of its description", () => {
    expect(microseconds(small)).toBeCloseTo(20 + 0.224 + 24, 9);
    expect(timed(mixtureOfExperts, ideal, small, roundMachine).computeSeconds * 1e6).toBeCloseTo(4.32, 9);
  });

  test("many choices by multiplying", () => {
    const many = { ...small, tokens: 2000, choices: 16_000 };
    expect(microseconds(many)).toBeCloseTo(20 + 224 + (2 * 1.5e6 * (16_000 + 16 * 8)) / 1e8, 6);
  });

  test("experts on other devices add the finding of one's own, and the moves of their rows in part", () => {
    const spread = { ...small, localExperts: 32, touchedExperts: 4, choices: 8 };
    expect(microseconds(spread)).toBeCloseTo(20 + 5 + 12 + 0.224 * 0.75, 9);
  });

  test("finite and above 0, and never less for more of anything or a slower machine", () => {
    const size = fc.integer({ min: 1, max: 20_000 });
    const calls = fc.record({ tokens: size, choices: size, touchedExperts: size, dModel: size, dFf: size });
    const more = fc.constantFrom("tokens", "choices", "touchedExperts", "dModel", "dFf");
    fc.assert(
      fc.property(
        ...([arbitraryParameters(mixtureOfExperts), arbitraryMachine, calls, more, size] as const),
        (p, machine, sizes, key, added) => {
          const call = { ...small, localExperts: 32, ...sizes };
          const { seconds } = timed(mixtureOfExperts, p, call, machine);
          expect(seconds).toBeGreaterThan(0);
          expect(seconds).toBeLessThan(Number.POSITIVE_INFINITY);
          const least = seconds * (1 - 1e-9);
          const grown = { ...call, [key]: call[key] + added };
          expect(timed(mixtureOfExperts, p, grown, machine).seconds).toBeGreaterThanOrEqual(least);
          const slower = { ...machine, bytesPerSecond: machine.bytesPerSecond * 0.9 };
          expect(timed(mixtureOfExperts, p, call, slower).seconds).toBeGreaterThanOrEqual(least);
          const weaker = { ...call, peakFlopsPerSecond: 9e13 };
          expect(timed(mixtureOfExperts, p, weaker, machine).seconds).toBeGreaterThanOrEqual(least);
        },
      ),
    );
  });
});
