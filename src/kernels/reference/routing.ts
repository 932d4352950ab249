/**
 * The router's choice: softmax over the experts, the k largest, their weights made to add up to one.
 * Reading T × E router logits and choosing is left out of the counts, and tallied aside.
 * Source: Shazeer et al. 2017, section 2.1; Mixtral (Jiang et al. 2024), equation 2, where the softmax of the k largest logits
 * is this softmax renormalised.
 */
import type { Processor, Tensor } from "./processor.ts";

export interface Routing {
  readonly expertsPerToken: number;
  /** [T, k]: distinct experts of each token, the best first. */
  readonly experts: Int32Array;
  /** [T, k]. */
  readonly weights: Float64Array;
}

export function routeTokens(
  p: Processor,
  logits: Tensor,
  tokens: number,
  experts: number,
  expertsPerToken: number,
): Routing {
  const c = p.aside;
  const chosen = new Int32Array(tokens * expertsPerToken);
  const weights = new Float64Array(tokens * expertsPerToken);
  for (let t = 0; t < tokens; t++) {
    const row = Float64Array.from({ length: experts }, (_, e) => logits.readAside(t * experts + e));
    const maximum = row.reduce((best, logit) => c.maximum(best, logit), Number.NEGATIVE_INFINITY);
    const raised = row.map((logit) => c.exponential(c.subtract(logit, maximum)));
    const order = Array.from(raised.keys()).sort((a, b) => (raised[b] as number) - (raised[a] as number) || a - b);
    const best = order.slice(0, expertsPerToken);
    let sum = 0;
    for (const e of best) sum = c.add(sum, raised[e] as number);
    best.forEach((e, i) => {
      chosen[t * expertsPerToken + i] = e;
      weights[t * expertsPerToken + i] = c.divide(raised[e] as number, sum);
    });
  }
  return { expertsPerToken, experts: chosen, weights };
}

/** How many different experts a routing touches. */
export function distinctExperts(routing: Routing): number {
  return new Set(routing.experts).size;
}
