/** Requests as they come to a fleet, one after the other in the order of their arrival: drawn from distributions, or read from a trace. */

/** Mutable, so that a stream of a million fills one record. */
export interface Request {
  /** From the start of the run. */
  arrivalSeconds: number;
  /** At least 1. */
  inputTokens: number;
  /** At least 1, the first token among them. */
  outputTokens: number;
}

export interface RequestStream {
  /** Fills `into` with the next request; false, and nothing filled, after the last one. */
  next(into: Request): boolean;
}
