/** Places of a slider whose values grow by factors: four to a doubling, whole numbers, each once. */

/**
 * @param low first value; @param high last value
 * @example logSteps(1, 16) is 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16
 */
export function logSteps(low: number, high: number): number[] {
  const steps: number[] = [];
  for (let value = low; value < high; value += Math.max(1, 2 ** Math.floor(Math.log2(value)) / 4)) steps.push(value);
  return [...steps, high];
}

/** The index of the place nearest to a value, by their ratio. */
export function nearestStep(steps: readonly number[], value: number): number {
  let nearest = 0;
  for (const [index, step] of steps.entries()) {
    if (Math.abs(Math.log(step / value)) < Math.abs(Math.log(steps[nearest]! / value))) nearest = index;
  }
  return nearest;
}
