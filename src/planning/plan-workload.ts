/** The workload of a plan, from what a user typed: requests by a rate, users who wait, or a trace; never two of them. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import { workloadSize } from "../quantity/typed-number.ts";
import { arrivalProcess } from "../serving/arrivals.ts";
import { type LengthSpec, lengthsOf } from "../serving/parse-lengths.ts";
import { parseRate } from "./parse-rate.ts";
import type { WorkloadSection } from "./plan-file.ts";
import type { RequestedWorkload } from "./plan-request.ts";

/** @throws InvalidInput naming the field: what is missing, not above 0, or contradicts another */
export function planWorkloadOf(section: WorkloadSection): RequestedWorkload {
  const { rate, users, input, output, trace, burstiness, sharedPrefix = 0 } = section;
  if (!(sharedPrefix >= 0 && sharedPrefix < 1)) {
    const why = "wants a share of the prompt from 0 up to but not 1: a prompt has a token of its own at least";
    throw new InvalidInput("sharedPrefix", sharedPrefix, why);
  }
  if (rate !== undefined && users !== undefined) {
    throw new InvalidInput("users", users, `contradicts rate ${rate}: users send when they have their answers`);
  }
  if (trace !== undefined) {
    for (const [field, value] of Object.entries({ users, input, output, burstiness })) {
      if (value !== undefined) throw new InvalidInput(field, value, "contradicts trace, which has its own");
    }
    const requestsPerSecond = rate === undefined ? null : parseRate("rate", rate);
    return { kind: "trace", path: trace, requestsPerSecond, sharedPrefix };
  }
  if (rate === undefined && users === undefined) {
    throw new InvalidInput("workload", "no requests", "wants rate, users or trace");
  }
  const lengths = {
    input: lengthsOf("input", needed("input", input)),
    output: lengthsOf("output", needed("output", output)),
  };
  if (users !== undefined) {
    if (burstiness !== undefined) {
      throw new InvalidInput("burstiness", burstiness, "contradicts users, who send when they have their answers");
    }
    return { kind: "users", users: workloadSize("users", users), ...lengths, sharedPrefix };
  }
  const requestsPerSecond = parseRate("rate", rate as number | string);
  return { kind: "rate", arrivals: arrivalProcess(requestsPerSecond, burstiness), ...lengths, sharedPrefix };
}

function needed(field: string, lengths: LengthSpec | undefined): LengthSpec {
  if (lengths !== undefined) return lengths;
  throw new InvalidInput(
    field,
    "missing",
    'wants tokens such as 1000 or "lognormal:1155:1109", or a trace in its place',
  );
}
