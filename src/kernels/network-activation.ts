/**
 * The function between the projections of a feed-forward network: SiLU where a gate is multiplied in (SwiGLU), else ReLU. A model does
 * not say which its network has: counting takes them for equally costly (operations/feed-forward-activation.ts).
 * Source: Shazeer 2020 (SwiGLU); Vaswani et al. 2017 (ReLU).
 */
export function networkActivation(gated: boolean): "silu" | "relu" {
  return gated ? "silu" : "relu";
}
