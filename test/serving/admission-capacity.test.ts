import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admittedRequests, queueSeconds } from "../../src/serving/admission-capacity.ts";

const load = (concurrency: number) => ({ concurrency, promptTokens: 900, outputTokens: 200 });

describe("requests in the engine at once", () => {
  test("all clients while their caches fit, else as many as fit", () => {
    // 900 + ½ 200 rows each: 100 requests fit into 100,000 rows.
    expect(admittedRequests(load(50), 100_000, 0.5)).toBe(50);
    expect(admittedRequests(load(200), 100_000, 0.5)).toBe(100);
  });

  test("an engine that sets the whole answer aside admits fewer", () => {
    expect(admittedRequests(load(200), 110_000, 1)).toBe(100);
  });

  test("the corner is rounded within a tenth, and nowhere else", () => {
    expect(admittedRequests(load(100), 100_000, 0.5)).toBe(97.5);
    expect(admittedRequests(load(90), 100_000, 0.5)).toBe(90);
    expect(admittedRequests(load(110), 100_000, 0.5)).toBe(100);
    expect(admittedRequests(load(95), 100_000, 0.5)).toBeLessThan(95);
  });

  test("never more than the clients, and more room never admits fewer", () => {
    const rows = fc.double({ min: 1e3, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), rows, rows, (clients, a, b) => {
        const few = admittedRequests(load(clients), Math.min(a, b), 0.5);
        const many = admittedRequests(load(clients), Math.max(a, b), 0.5);
        expect(many).toBeLessThanOrEqual(clients);
        expect(many).toBeGreaterThanOrEqual(few - 1e-9 * few);
        expect(few).toBeGreaterThan(0);
      }),
    );
  });
});

describe("seconds in the queue", () => {
  test("30 wait for 60 slots that each take 10 s: 5 s", () => {
    expect(queueSeconds(90, 60, 10)).toBe(5);
  });

  test("nobody waits where all are admitted", () => {
    expect(queueSeconds(60, 60, 10)).toBe(0);
  });
});
