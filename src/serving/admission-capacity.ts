/**
 * How many requests an engine runs at once when so many clients keep one request each in flight:
 *   slots = min(clients, cache rows that fit / rows a request holds)       rows = prompt + reserved share × answer
 * The minimum is smooth, since lengths of caches fluctuate around their mean. The others wait: clients − slots at any time, each
 * for as long as it takes the slots to be freed that many times: (clients − slots) / slots × seconds of a request (Little 1961).
 */
import { smoothKnee } from "../timing/smooth-knee.ts";

const smoothness = 0.05;

export interface Load {
  /** Clients that each keep one request in flight. */
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Requests in the engine at once; not whole. @example 100 clients, 1,000,000 rows, 100 a request: 100 (but for the smooth edge) */
export function admittedRequests(load: Load, capacityRows: number, reservedShare: number): number {
  const clients = load.concurrency;
  const fitting = capacityRows / (load.promptTokens + reservedShare * load.outputTokens);
  return clients + fitting - smoothKnee(clients, fitting, smoothness);
}

/** Seconds that a request waits for a slot. @example 90 clients, 60 slots, 10 s a request: 5 s */
export function queueSeconds(clients: number, slots: number, requestSeconds: number): number {
  return clients <= slots ? 0 : ((clients - slots) / slots) * requestSeconds;
}
