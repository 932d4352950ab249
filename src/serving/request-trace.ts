/** A recorded run of requests, in columns, so that a million take 16 MB. */
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { RequestStream } from "./request-stream.ts";

export interface RequestTrace {
  /** Where it comes from, for messages. */
  readonly name: string;
  /** From the first request on, so that the first is 0; never falls. */
  readonly arrivalSeconds: Float64Array;
  /** At least 1. */
  readonly inputTokens: Uint32Array;
  /** At least 1. */
  readonly outputTokens: Uint32Array;
}

/**
 * The requests as they came.
 * @param scale the rate is multiplied by it: at 2 the gaps are half as long; lengths stay
 * @throws InvalidInput for a scale that is not above 0 and finite
 */
export function traceStream(trace: RequestTrace, { scale = 1 }: { readonly scale?: number } = {}): RequestStream {
  if (!(scale > 0 && Number.isFinite(scale))) throw new InvalidInput("scale", scale, "wants a number above 0");
  let row = 0;
  return {
    next(into) {
      if (row >= trace.arrivalSeconds.length) return false;
      into.arrivalSeconds = trace.arrivalSeconds[row]! / scale;
      into.inputTokens = trace.inputTokens[row]!;
      into.outputTokens = trace.outputTokens[row]!;
      row += 1;
      return true;
    },
  };
}
