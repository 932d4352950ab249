import { expect, test } from "vitest";
import { isWorthRetrying, memoryLackReason } from "../../src/measurement/memory-lack.ts";

test("a row that failed or lacked memory may end otherwise, one that a backend refused or that was timed does not", () => {
  const lacked = `skipped:${memoryLackReason(51.5e9, 19.7e9)}`;
  expect(lacked).toBe("skipped:needs 51.5 GB of memory, 19.7 GB may be used");
  expect([lacked, "failed:a thread died"].map(isWorthRetrying)).toEqual([true, true]);
  const stay = ["ok", "budget", "skipped:needs 5 GB of WebAssembly memory, which has 4", "skipped:no steps here", ""];
  expect(stay.map(isWorthRetrying)).toEqual(stay.map(() => false));
});
