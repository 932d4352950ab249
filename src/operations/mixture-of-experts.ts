/**
 * The routed experts of a mixture, k of E a token, on the device that holds them.
 * Experts touched by T tokens, each choosing k distinct ones of E uniformly: X = E (1 − (1 − k / E)^T).
 *   matmul FLOPs  2 T k (m + 1) d F       m = 2 with a gate, else 1
 *   other FLOPs   T k (F (4 + m − 1) + 2 d + b)   weighting and adding the experts' outputs; b biases an expert
 *   weight bytes  X ((m + 1) d F e_w + b e_b)
 *   activations   (T k (3 d + (2 m + 2) F) + T d) e_a
 * All experts instead of the expected number (`experts: "all"`) is what an engine reads that runs every expert.
 * Source: Shazeer et al. 2017 (sparsely gated experts); the expectation is the coupon count of independent uniform choices.
 * @example E 8, k 2, T 1: X = 2; T 4: X = 5.47; T 32: X = 8.00
 */
import { activationFunctionFlops } from "./feed-forward-activation.ts";
import { type OperationDefinition, setCounts } from "./operation.ts";

export interface MixtureOfExpertsShape {
  /** E: routed experts on this device. */
  readonly experts: number;
  /** k: experts a token uses on this device; a fraction where experts are spread over devices. */
  readonly expertsPerToken: number;
  readonly dModel: number;
  readonly dFf: number;
  readonly gated: boolean;
  /** Bias elements of one expert. */
  readonly biasElements: number;
  readonly biasBytesPerElement: number;
  readonly weightBytesPerElement: number;
  readonly activationBytesPerElement: number;
  /** Groups of devices whose tokens meet at these experts (data-parallel attention); 1 otherwise. */
  readonly tokenGroups: number;
  /** Count the experts that are expected to be touched, or all of them. */
  readonly touched: "expected" | "all";
}

/** Expected number of distinct experts that `tokens` tokens touch. */
export function expectedExperts(experts: number, expertsPerToken: number, tokens: number): number {
  if (expertsPerToken >= experts) return experts;
  return experts * (1 - (1 - expertsPerToken / experts) ** tokens);
}

export const mixtureOfExperts: OperationDefinition<MixtureOfExpertsShape> = {
  kind: "mixture-of-experts",
  source: "Shazeer et al. 2017; rule M1 in docs/counting.md",
  count(shape, point, into) {
    const tokens = point.tokens * shape.tokenGroups;
    const inputs = shape.gated ? 2 : 1;
    const assigned = tokens * shape.expertsPerToken;
    const expert = (inputs + 1) * shape.dModel * shape.dFf;
    const touched =
      shape.touched === "all" ? shape.experts : expectedExperts(shape.experts, shape.expertsPerToken, tokens);
    setCounts(
      into,
      2 * assigned * expert,
      assigned * (shape.dFf * (activationFunctionFlops + inputs - 1) + 2 * shape.dModel + shape.biasElements),
      touched * (expert * shape.weightBytesPerElement + shape.biasElements * shape.biasBytesPerElement),
      0,
      (assigned * (3 * shape.dModel + (2 * inputs + 2) * shape.dFf) + tokens * shape.dModel) *
        shape.activationBytesPerElement,
      0,
    );
  },
  formulas(shape) {
    const touched = shape.touched === "all" || shape.expertsPerToken >= shape.experts ? "E" : "E * (1 - (1 - k / E)^T)";
    return {
      matmulFlops: "2 * T * k * (m + 1) * d * F",
      otherFlops: "T * k * (F * (3 + m) + 2 * d + b)",
      weightBytes: `${touched} * ((m + 1) * d * F * ew + b * eb)`,
      activationBytes: "(T * k * (3 * d + (2 * m + 2) * F) + T * d) * ea",
    };
  },
  symbols: (shape, point) => ({
    T: point.tokens * shape.tokenGroups,
    E: shape.experts,
    k: shape.expertsPerToken,
    m: shape.gated ? 2 : 1,
    d: shape.dModel,
    F: shape.dFf,
    b: shape.biasElements,
    eb: shape.biasBytesPerElement,
    ew: shape.weightBytesPerElement,
    ea: shape.activationBytesPerElement,
  }),
};
