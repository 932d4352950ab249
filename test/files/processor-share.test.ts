import { expect, test } from "vitest";
import { watchOtherPrograms } from "../../src/files/processor-share.ts";

const watched = (busy: number, all: number, ownMilliseconds: number): number => {
  const times = [
    { busyMilliseconds: 1000, allMilliseconds: 5000 },
    { busyMilliseconds: 1000 + busy, allMilliseconds: 5000 + all },
  ];
  const own = [
    { user: 7000, system: 1000 },
    { user: 7000 + 900 * ownMilliseconds, system: 1000 + 100 * ownMilliseconds },
  ];
  return watchOtherPrograms(
    () => times.shift()!,
    () => own.shift()!,
  )();
};

test("others have what is busy and not this process's own: 1500 of 4000 ms", () => {
  expect(watched(2000, 4000, 500)).toBeCloseTo(0.375, 12);
});

test("is 0 where nobody else ran or the system does not count, and never above 1", () => {
  expect(watched(500, 4000, 520)).toBe(0);
  expect(watched(0, 0, 500)).toBe(0);
  expect(watched(5000, 4000, 0)).toBe(1);
});

test("reads this machine's own counters", () => {
  const share = watchOtherPrograms()();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
