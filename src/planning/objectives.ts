/**
 * Service-level objectives: what a share of all requests has to stay within.
 *   TTFT         from a request's arrival to its first token
 *   TPOT         time after the first token over the tokens after it, of each request; those of one token have none
 *   end to end   from its arrival to its last token
 */
import { InvalidInput } from "../quantity/invalid-input.ts";

export interface Objectives {
  /** Null where there is none. */
  readonly ttftSeconds: number | null;
  readonly tpotSeconds: number | null;
  readonly endToEndSeconds: number | null;
  /** Share of the requests that keep to them: 0.95 for the 95th percentile. */
  readonly share: number;
}

export const tpotDefinition: string = "TPOT: time after the first token over the tokens after it, of each request";

/** How other tools define the time of an output token, for those who compare. */
export const otherTpotDefinitions: readonly string[] = [
  "vLLM's benchmark: the same, (latency - TTFT) / (tokens - 1), its mean over requests",
  "vLLM's and SGLang's ITL: the gaps between tokens one by one, over all requests; longer answers weigh more, their mean is TPOT's so weighed",
  "TensorRT-LLM's trtllm-bench: TPOT likewise without the first token; GenAI-Perf calls it inter-token latency",
  "latency / tokens (end to end with the first token in it) counts TTFT again: here TPOT + (TTFT - TPOT) / tokens",
];

/** @throws InvalidInput for times that are not above 0, shares outside 0.5 to 0.999, and objectives that contradict each other */
export function checkObjectives(objectives: Objectives): Objectives {
  const { ttftSeconds, tpotSeconds, endToEndSeconds, share } = objectives;
  for (const [field, value] of Object.entries({ ttft: ttftSeconds, tpot: tpotSeconds, endToEnd: endToEndSeconds })) {
    if (value !== null && !(value > 0 && Number.isFinite(value)))
      throw new InvalidInput(field, value, "wants a time above 0");
  }
  if (!(share >= 0.5 && share <= 0.999)) throw new InvalidInput("percentile", 100 * share, "wants 50 to 99.9");
  if (endToEndSeconds !== null && ttftSeconds !== null && endToEndSeconds < ttftSeconds) {
    throw new InvalidInput(
      "endToEnd",
      endToEndSeconds,
      `contradicts ttft ${ttftSeconds} s: the first token is part of it`,
    );
  }
  if (endToEndSeconds !== null && tpotSeconds !== null && endToEndSeconds < tpotSeconds) {
    throw new InvalidInput("endToEnd", endToEndSeconds, `contradicts tpot ${tpotSeconds} s: one token takes longer`);
  }
  return objectives;
}
