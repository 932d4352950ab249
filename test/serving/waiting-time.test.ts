import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { singleServerWaiting, slotsWaiting, type Waiting } from "../../src/serving/waiting-time.ts";

const mean = ({ probability, seconds }: Waiting): number => probability * seconds;

describe("one server", () => {
  test("M/D/1 of 1 s at half its rate: half of the requests wait, 1 s each", () => {
    expect(singleServerWaiting(0.5, 1, 1, 1)).toEqual({ probability: 0.5, seconds: 1 });
  });

  test("M/M/1 of 2 s at a load of 0.8: those that wait do so for T / (1 − ρ) = 10 s, all for 8 s", () => {
    const waiting = singleServerWaiting(0.4, 2, 2 * 2 ** 2, 1);
    expect(waiting.seconds).toBeCloseTo(10, 12);
    expect(mean(waiting)).toBeCloseTo(8, 12);
  });

  test("M/G/1 waits λ E[S²] / 2 / (1 − ρ) on average, for any service (Pollaczek and Khinchine)", () => {
    const shares = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(shares, shares, fc.double({ min: 1, max: 50, noNaN: true }), (load, meanSeconds, ratio) => {
        const square = ratio * meanSeconds * meanSeconds;
        const rate = load / meanSeconds;
        const theory = (rate * square) / 2 / (1 - load);
        expect(mean(singleServerWaiting(rate, meanSeconds, square, 1)) / theory).toBeCloseTo(1, 9);
      }),
    );
  });

  test("regular arrivals of regular services never wait; twice the variation of arrivals adds half of M/D/1's wait", () => {
    expect(mean(singleServerWaiting(0.9, 1, 1, 0))).toBe(0);
    expect(mean(singleServerWaiting(0.9, 1, 1, 2))).toBeCloseTo(2 * mean(singleServerWaiting(0.9, 1, 1, 1)), 12);
  });

  test("waits for ever from a load of 1 on, and not at all where nobody comes", () => {
    expect(singleServerWaiting(1, 1, 1, 1)).toEqual({ probability: 1, seconds: Number.POSITIVE_INFINITY });
    expect(singleServerWaiting(0.999, 1, 1, 1).seconds).toBeCloseTo(500, 9);
    expect(singleServerWaiting(0, 1, 1, 1)).toEqual({ probability: 0, seconds: 0 });
  });
});

describe("slots", () => {
  test("M/M/2 at a load of 1: C = 1/3, and those that wait do so for T / (c − a) = 1 s", () => {
    const waiting = slotsWaiting(2, 1, 1, 1);
    expect(waiting.probability).toBeCloseTo(1 / 3, 12);
    expect(waiting.seconds).toBeCloseTo(1, 12);
  });

  test("M/M/3 at a load of 2: C = 4/9 (p₀ = 1/9)", () => {
    expect(slotsWaiting(3, 2, 1, 1).probability).toBeCloseTo(4 / 9, 12);
  });

  test("of one are M/M/1: C = ρ", () => {
    const waiting = slotsWaiting(1, 0.4, 2, 1);
    expect(waiting.probability).toBeCloseTo(0.8, 12);
    expect(mean(waiting)).toBeCloseTo(8, 12);
  });

  test("match Erlang's C summed term by term, to 1e-9", () => {
    const direct = (c: number, a: number): number => {
      let term = 1;
      let below = 0;
      for (let k = 0; k < c; k++) {
        below += term;
        term *= a / (k + 1);
      }
      const all = (term * c) / (c - a);
      return all / (below + all);
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.5, max: 0.99, noNaN: true }), (c, load) => {
        fc.pre(load * c > c - 7 * Math.sqrt(c));
        expect(slotsWaiting(c, load * c, 1, 1).probability).toBeCloseTo(direct(c, load * c), 9);
      }),
    );
  });

  test("that are not whole lie on the line between those that are", () => {
    const at = (slots: number): number => slotsWaiting(slots, 8, 1, 1).probability;
    expect(at(10.25)).toBeCloseTo(0.75 * at(10) + 0.25 * at(11), 12);
    expect(at(8.5)).toBeCloseTo((1 + at(9)) / 2, 12);
  });

  test("wait for ever from a load of all of them on, not at all seven deviations below, and never without end of slots", () => {
    expect(slotsWaiting(4, 4, 1, 1)).toEqual({ probability: 1, seconds: Number.POSITIVE_INFINITY });
    expect(slotsWaiting(100, 29.9, 1, 1)).toEqual({ probability: 0, seconds: 0 });
    // The jump there is one that nobody sees.
    expect(slotsWaiting(100, 30.1, 1, 1).probability).toBeLessThan(1e-9);
    expect(slotsWaiting(Number.POSITIVE_INFINITY, 1e6, 1, 1)).toEqual({ probability: 0, seconds: 0 });
  });

  test("wait longer with the load and with the variation, less with more slots", () => {
    const slots = fc.double({ min: 1, max: 200, noNaN: true });
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(slots, share, share, (c, load, more) => {
        const rate = load * c;
        const at = slotsWaiting(c, rate, 1, 1);
        const busier = slotsWaiting(c, rate + more * (c - rate), 1, 1);
        expect(busier.probability).toBeGreaterThanOrEqual(at.probability - 1e-12);
        expect(mean(busier)).toBeGreaterThanOrEqual(mean(at) * (1 - 1e-12));
        expect(mean(slotsWaiting(c + more, rate, 1, 1))).toBeLessThanOrEqual(mean(at) * (1 + 1e-12));
        expect(mean(slotsWaiting(c, rate, 1, 1 + more))).toBeGreaterThanOrEqual(mean(at));
      }),
    );
  });
});
