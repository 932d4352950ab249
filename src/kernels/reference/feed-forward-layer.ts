/** One layer's feed-forward network in a step: dense, or a router, its experts and those that every token passes. */
import type { FeedForward } from "../../architecture/model.ts";
import { networkActivation } from "../network-activation.ts";
import type { DenseWeights, FeedForwardWeightTensors } from "./decoder-weights.ts";
import { feedForwardActivation } from "./feed-forward-activation.ts";
import { mixtureOfExperts } from "./mixture-of-experts.ts";
import type { ActivationFunction, Tensor } from "./processor.ts";
import { routeTokens } from "./routing.ts";
import { activations, project, type StepFrame } from "./step-frame.ts";

export function feedForwardLayer(frame: StepFrame, f: FeedForward, w: FeedForwardWeightTensors, input: Tensor): Tensor {
  const kind: ActivationFunction = networkActivation(f.gated);
  if (w.dense !== null) return denseNetwork(frame, w.dense, f.dFf, f.gated, kind, input);
  if (w.mixture === null || f.kind !== "mixture") throw new TypeError("a mixture's weights go with a mixture");
  const p = frame.processor;
  const { tokens } = frame;
  const { dModel } = frame.model;
  const logits = project(frame, w.mixture.router, input);
  const routing = routeTokens(p, logits, tokens, f.experts, f.expertsPerToken);
  const { shared, sharedGate, experts } = w.mixture;
  const always = shared === null ? null : denseNetwork(frame, shared, f.sharedDFf, f.gated, kind, input);
  const gate = sharedGate === null ? null : project(frame, sharedGate, input);
  const output = activations(frame, tokens * dModel);
  mixtureOfExperts(p, {
    tokens,
    dModel,
    dFf: f.dFf,
    gated: f.gated,
    kind,
    experts,
    routing,
    shared: always === null ? null : { output: always, gate },
    input,
    output,
    activationBytesPerElement: frame.activationBytes,
  });
  return output;
}

function denseNetwork(
  frame: StepFrame,
  w: DenseWeights,
  dFf: number,
  gated: boolean,
  kind: ActivationFunction,
  input: Tensor,
): Tensor {
  const raised = project(frame, w.up, input);
  const active = activations(frame, frame.tokens * dFf);
  feedForwardActivation(frame.processor, { tokens: frame.tokens, dFf, gated, kind, input: raised, output: active });
  return project(frame, w.down, active);
}
