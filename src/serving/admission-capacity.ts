/**
 * How many requests an engine runs at once when so many clients keep one request each in flight:
 *   slots = min(clients, cache rows that fit / rows a request holds)       rows = prompt + reserved share × answer
 * Where both are within a tenth of each other the minimum is rounded, since the lengths of caches fluctuate around their mean.
 * The others wait: clients − slots at any time, each until the slots have been freed that many times:
 * (clients − slots) / slots × seconds of a request. Source: Little 1961.
 */

/** Half the width of the rounded corner, as a share of the requests that fit. */
const corner = 0.1;

export interface Load {
  /** Clients that each keep one request in flight. */
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/**
 * Requests in the engine at once; not whole.
 * @example 50 clients where 100 requests fit: 50; 200 clients: 100; 100 clients: 97.5, the corner
 */
export function admittedRequests(load: Load, capacityRows: number, reservedShare: number): number {
  const clients = load.concurrency;
  const fitting = capacityRows / (load.promptTokens + reservedShare * load.outputTokens);
  const width = corner * fitting;
  const overlap = Math.max(0, width - Math.abs(clients - fitting));
  return Math.min(clients, fitting) - (overlap * overlap) / (4 * width);
}

/** Seconds that a request waits for a slot. @example 90 clients, 60 slots, 10 s a request: 5 s */
export function queueSeconds(clients: number, slots: number, requestSeconds: number): number {
  return clients <= slots ? 0 : ((clients - slots) / slots) * requestSeconds;
}
