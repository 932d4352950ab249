/**
 * The standard normal distribution.
 *   Φ(z) = ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …) within ±3 (Marsaglia 2004, all terms of one sign); beyond, the tail is
 *          φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))) (Laplace)
 *   z(p)   a ratio of polynomials in each of three regions, relative error below 1.2e-9 (Acklam 2003)
 */

/** The probability of a value below z; absolute error below 1e-14, in the left tail relative to 1e-12. */
export function normalShareBelow(z: number): number {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (Math.abs(z) > 3) {
    let fraction = Math.abs(z);
    for (let k = 120; k >= 1; k--) fraction = Math.abs(z) + k / fraction;
    return z < 0 ? density / fraction : 1 - density / fraction;
  }
  let sum = z;
  let term = z;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + density * sum;
}

/** The z below which the share lies, 0 < share < 1. @example normalQuantile(0.975) is 1.959964 */
export function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  if (share < 0.02425) return tail(Math.sqrt(-2 * Math.log(share)));
  const q = share - 0.5;
  const r = q * q;
  return (q * polynomial(middleAbove, r)) / polynomial(middleBelow, r);
}

function tail(q: number): number {
  return polynomial(tailAbove, q) / polynomial(tailBelow, q);
}

/** Coefficients from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

const middleAbove = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
  2.506628277459239,
];
const middleBelow = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
];
const tailAbove = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const tailBelow = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
