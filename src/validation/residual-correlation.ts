/**
 * How far residuals of different groups (shapes) at one workload go together: the intraclass correlation of one-way analysis of
 * variance, with a class for each workload, between 0 and 1.
 *   ρ = (MSB − MSW) / (MSB + (n₀ − 1) MSW)      n₀ = (N − Σ nᵢ² / N) / (k − 1) rows a class on average
 * Source: Fisher 1925; Donner and Koval 1980 (classes of unequal size).
 * @example classes {1, 1}, {3, 3}: no variance inside, ρ = 1; classes {1, 3}, {1, 3}: ρ = 0 (it comes out negative)
 */

/** Values by class; classes of one value say nothing and are left out. 0 where fewer than two classes are left. */
export function residualCorrelation(classes: ReadonlyMap<string, readonly number[]>): number {
  const used = [...classes.values()].filter((values) => values.length > 1);
  const rows = used.reduce((sum, values) => sum + values.length, 0);
  if (used.length < 2) return 0;
  const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
  const all = mean(used.flat());
  let between = 0;
  let within = 0;
  for (const values of used) {
    const own = mean(values);
    between += values.length * (own - all) ** 2;
    for (const value of values) within += (value - own) ** 2;
  }
  const squares = used.reduce((sum, values) => sum + values.length ** 2, 0);
  const size = (rows - squares / rows) / (used.length - 1);
  const msb = between / (used.length - 1);
  const msw = within / (rows - used.length);
  const total = msb + (size - 1) * msw;
  return total > 0 ? Math.min(1, Math.max(0, (msb - msw) / total)) : 0;
}
