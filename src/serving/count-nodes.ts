/**
 * A few counts with shares in the place of a distribution of counts: Poisson, or negative binomial where it varies more. Neighbours are
 * put together once there are many of them, each group at its own mean; large counts are normal.
 */

export interface CountNode {
  readonly count: number;
  /** Sum to 1. */
  readonly share: number;
}

/** Nodes at most, and counts that are told apart at least. */
const most = 24;
const least = 12;
/** From this mean on a Poisson count is normal to within a few per cent of its deviation. */
const large = 150;
const deviations = 3.5;

/** @example mean 0: 0 with share 1 */
export function countNodes(mean: number, variance: number): readonly CountNode[] {
  const spread = Math.sqrt(variance);
  if (mean > large) return normalNodes(mean, spread);
  const cut = Math.max(least, Math.ceil(mean + 4 * spread));
  const isPoisson = variance <= mean * (1 + 1e-6);
  const ratio = isPoisson ? 0 : 1 - mean / variance;
  const size = isPoisson ? 0 : (mean * mean) / (variance - mean);
  const shares = [isPoisson ? Math.exp(-mean) : (1 - ratio) ** size];
  let all = shares[0]!;
  for (let n = 1; n <= cut; n++) {
    shares.push(shares[n - 1]! * (isPoisson ? mean / n : (ratio * (size + n - 1)) / n));
    all += shares[n]!;
  }
  const width = Math.ceil(shares.length / most);
  const nodes: CountNode[] = [];
  for (let from = 0; from < shares.length; from += width) {
    let share = 0;
    let sum = 0;
    for (let n = from; n < Math.min(shares.length, from + width); n++) {
      share += shares[n]!;
      sum += n * shares[n]!;
    }
    if (share > 0) nodes.push({ count: sum / share, share: share / all });
  }
  return nodes;
}

function normalNodes(mean: number, spread: number): CountNode[] {
  const at = Array.from({ length: most }, (_, i) => deviations * ((2 * i + 1) / most - 1));
  const all = at.reduce((sum, z) => sum + Math.exp((-z * z) / 2), 0);
  return at.map((z) => ({ count: Math.max(0, mean + z * spread), share: Math.exp((-z * z) / 2) / all }));
}
