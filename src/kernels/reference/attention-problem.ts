/**
 * What an attention kernel is asked, whatever stands behind its rows (keys and values of heads, latent rows):
 *   o = Σ_j softmax_j(scale · q·k_j) v_j over the rows j that the query sees.
 * Rows and positions count from 0. A cache serves one sequence, or all beams of a request (cross-attention).
 */
import type { Reach } from "../../operations/attention-span.ts";

export interface AttentionProblem {
  readonly heads: number;
  /** Heads of keys and values; each serves heads / kvHeads query heads. */
  readonly kvHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly scale: number;
  /** Rows of each cache, the new tokens' own among them; they may differ (ragged). */
  readonly contexts: readonly number[];
  readonly sequencesPerCache: number;
  readonly queryTokens: number;
  /** Causal: the new tokens are the cache's last; cross and bidirectional: each sees all rows. */
  readonly mode: "causal" | "cross" | "bidirectional";
  readonly reach: Reach;
  /** A logit a query head that only enters the softmax's sum; null without. */
  readonly sinks: Float64Array | null;
  /** Brings a query onto the chip, keyDim elements from `at`. */
  loadQuery(sequence: number, token: number, head: number, into: Float64Array, at: number): void;
  /** Brings `count` rows of one K/V head onto the chip; what both keys and values need is read once when both are asked for. */
  loadRows(
    cache: number,
    kvHead: number,
    first: number,
    count: number,
    keys: Float64Array | null,
    values: Float64Array | null,
  ): void;
  /** Takes an output of valueDim elements to memory. */
  storeOutput(sequence: number, token: number, head: number, output: Float64Array): void;
}

/** First row and one past the last that new token `token` of a cache of `context` rows sees. */
export function visibleRange(a: AttentionProblem, context: number, token: number): readonly [number, number] {
  if (a.mode !== "causal") return [0, context];
  const position = context - a.queryTokens + token;
  if (a.reach.window !== null) return [Math.max(0, position - a.reach.window + 1), position + 1];
  if (a.reach.chunk !== null) return [Math.floor(position / a.reach.chunk) * a.reach.chunk, position + 1];
  return [0, position + 1];
}

/** One query of one head, with its index among those that share a K/V head of one cache. */
export interface SharingQuery {
  readonly index: number;
  readonly sequence: number;
  readonly token: number;
  readonly head: number;
  readonly from: number;
  readonly to: number;
}

/** All queries that read the same rows: the group of query heads of each new token of each sequence of the cache. */
export function sharingQueries(a: AttentionProblem, cache: number, kvHead: number): SharingQuery[] {
  const group = a.heads / a.kvHeads;
  const queries: SharingQuery[] = [];
  for (let s = 0; s < a.sequencesPerCache; s++) {
    for (let token = 0; token < a.queryTokens; token++) {
      const [from, to] = visibleRange(a, a.contexts[cache] as number, token);
      for (let g = 0; g < group; g++) {
        const sequence = cache * a.sequencesPerCache + s;
        queries.push({ index: queries.length, sequence, token, head: kvHead * group + g, from, to });
      }
    }
  }
  return queries;
}

/** First row and one past the last that any of the queries sees. */
export function rowsSeen(queries: readonly SharingQuery[]): readonly [number, number] {
  let first = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { from, to } of queries) {
    first = Math.min(first, from);
    end = Math.max(end, to);
  }
  return [first, end];
}
