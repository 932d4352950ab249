/**
 * Which keys the new tokens of one sequence see: pairs of query and key (arithmetic) and distinct rows (memory).
 * Positions count from 1; the new tokens stand at S − Q + 1 … S and the last of them at S.
 *   all earlier tokens   token p sees p keys
 *   window w             token p sees min(p, w): itself and the w − 1 before it
 *   chunk C              token p sees ((p − 1) mod C) + 1: its own chunk so far
 */

/** A layer's reach: at most one of window and chunk is set. */
export interface Reach {
  readonly window: number | null;
  readonly chunk: number | null;
}

/**
 * P: pairs of a new token and a key it sees, exactly causal.
 * @example Q 1, S 1024: 1024; Q 4, S 4: 10; Q 1, S 1024, window 32: 32
 */
export function visiblePairs(queryTokens: number, context: number, reach: Reach): number {
  if (reach.window !== null)
    return windowPairs(context, reach.window) - windowPairs(context - queryTokens, reach.window);
  if (reach.chunk !== null) return chunkPairs(context, reach.chunk) - chunkPairs(context - queryTokens, reach.chunk);
  return queryTokens * context - (queryTokens * (queryTokens - 1)) / 2;
}

/**
 * R: distinct rows of the cache that the new tokens see together; each is read once.
 * @example Q 1, S 1024, window 32: 32; Q 4, S 1024, window 32: 35; Q 1, S 8193, chunk 8192: 1
 */
export function visibleRows(queryTokens: number, context: number, reach: Reach): number {
  if (reach.window !== null) return Math.min(context, reach.window + queryTokens - 1);
  if (reach.chunk !== null) return context - Math.floor((context - queryTokens) / reach.chunk) * reach.chunk;
  return context;
}

/** The formulas of P and R in mathjs, with w the window and C the chunk. */
export function spanFormulas(reach: Reach): { readonly pairs: string; readonly rows: string } {
  if (reach.window !== null) {
    const sum = (n: string): string => `min(${n}, w) * (min(${n}, w) + 1) / 2 + w * max(${n} - w, 0)`;
    return { pairs: `(${sum("S")} - (${sum("(S - Q)")}))`, rows: "min(S, w + Q - 1)" };
  }
  if (reach.chunk !== null) {
    const sum = (n: string): string =>
      `floor(${n} / C) * C * (C + 1) / 2 + (${n} - floor(${n} / C) * C) * (${n} - floor(${n} / C) * C + 1) / 2`;
    return { pairs: `(${sum("S")} - (${sum("(S - Q)")}))`, rows: "(S - floor((S - Q) / C) * C)" };
  }
  return { pairs: "(Q * S - Q * (Q - 1) / 2)", rows: "S" };
}

/** Values of w or C where the reach has them. */
export function spanSymbols(reach: Reach): Readonly<Record<string, number>> {
  if (reach.window !== null) return { w: reach.window };
  return reach.chunk === null ? {} : { C: reach.chunk };
}

/** Σ min(p, w) for p = 1 … n. */
function windowPairs(n: number, w: number): number {
  const m = Math.min(n, w);
  return (m * (m + 1)) / 2 + w * Math.max(n - w, 0);
}

/** Σ ((p − 1) mod c) + 1 for p = 1 … n. */
function chunkPairs(n: number, c: number): number {
  const full = Math.floor(n / c);
  const rest = n - full * c;
  return (full * c * (c + 1)) / 2 + (rest * (rest + 1)) / 2;
}
