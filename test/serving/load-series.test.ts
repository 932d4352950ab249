import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LoadSeries } from "../../src/serving/load-series.ts";

describe("a series over time", () => {
  test("of a level that holds for 3 s and another for 1 s, with its mean in every stretch", () => {
    const series = new LoadSeries();
    series.addOver("waiting", 0, 3, 3 * 5);
    series.addOver("waiting", 3, 4, 1 * 9);
    series.addAt("preempted", 3.5, 1);
    const points = series.points(4);
    expect(points.length).toBe(256);
    expect(points.filter(({ waiting }) => Math.abs(waiting - 5) < 1e-9).length).toBe(192);
    expect(points.filter(({ waiting }) => Math.abs(waiting - 9) < 1e-9).length).toBe(64);
    expect(points.find(({ preempted }) => preempted === 1)?.seconds).toBe(3.5);
    expect(points.at(-1)?.seconds).toBe(4);
  });

  test("counts what happens at the very end of a run", () => {
    const series = new LoadSeries();
    series.addAt("tokens", 1, 7);
    const points = series.points(1);
    expect(points.reduce((sum, { tokensPerSecond }) => sum + tokensPerSecond, 0) * (points[0]?.seconds ?? 0)).toBe(7);
  });

  test("of no time has no points", () => {
    expect(new LoadSeries().points(0)).toEqual([]);
  });

  test("holds 400 points at most and every amount once, however far the run goes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 9 })), {
          minLength: 1,
          maxLength: 50,
        }),
        (stretches) => {
          const series = new LoadSeries();
          let now = 0;
          let total = 0;
          for (const [seconds, amount] of stretches) {
            if (seconds > 0) series.addOver("tokens", now, now + seconds, amount);
            else series.addAt("tokens", now, amount);
            now += seconds;
            total += amount;
          }
          if (now === 0) return;
          const points = series.points(now);
          expect(points.length).toBeLessThanOrEqual(400);
          expect(points.length).toBeGreaterThan(now > 1 ? 199 : 0);
          const sum = points.reduce(
            (all, { tokensPerSecond, seconds }, i) => all + tokensPerSecond * (seconds - (points[i - 1]?.seconds ?? 0)),
            0,
          );
          expect(sum / total).toBeCloseTo(1, 9);
        },
      ),
      { seed: 6 },
    );
  });
});
