/**
 * What a prompt costs where groups of devices hold different requests: each prompt is computed by one group while the others have one
 * of their own or wait, so that a step costs as much as its busiest group.
 *   share = E[⌈k / g⌉] / E[k]      k prompts in a step, Poisson; g groups: of a prompt's seconds alone, what it costs on average
 * One prompt a step costs all of it, g prompts a step a g-th each.
 */

/** Beyond so many standard deviations a count hardly occurs. */
const farOut = 8;

/**
 * @param prompts that a step computes on average, above 0
 * @example a tenth of a prompt a step on 8 groups: 0.95; many: 1/8
 */
export function groupShare(prompts: number, groups: number): number {
  if (groups === 1) return 1;
  const most = Math.ceil(prompts + farOut * Math.sqrt(prompts) + farOut);
  let probability = Math.exp(-prompts);
  // Where no prompt at all is beyond a double, the steps are full: half a round is lost on average.
  if (probability === 0) return (prompts / groups + 0.5) / prompts;
  let rounds = 0;
  for (let k = 1; k <= most; k++) {
    probability *= prompts / k;
    rounds += probability * Math.ceil(k / groups);
  }
  return Math.max(1 / groups, Math.min(1, rounds / prompts));
}

export interface GroupedPrompts {
  /** Seconds of each length as prompts come: on average what each costs, and with the replica to itself. */
  readonly alone: readonly number[];
  readonly single: readonly number[];
}

/**
 * @param perStep prompts that a step computes some of, on average
 * @param secondsOf a length's seconds with so many of it side by side, the share of one
 */
export function promptsInGroups(
  lengths: readonly number[],
  groups: number,
  perStep: number,
  secondsOf: (length: number, beside: number) => number,
): GroupedPrompts {
  const single = lengths.map((length) => secondsOf(length, 1));
  if (groups === 1) return { alone: single, single };
  const share = groupShare(Math.max(1e-6, perStep), groups);
  return { alone: single.map((each, i) => Math.max(secondsOf(lengths[i]!, groups), share * each)), single };
}
