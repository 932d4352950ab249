import { expect, test } from "vitest";
import { queuedRuns } from "../../../src/validation/plans/queued-runs.ts";
import { plannedRun } from "../../fixtures/planned-runs.ts";

const times = (firstTokenSeconds: number) => ({ firstTokenSeconds, outputTokenSeconds: 0.02 });
// Eight billion weights leave room for some 400,000 rows of 131 kB in 80 GB: 40 requests of 8,000 + 2,000.
const long = { promptTokens: 8000, outputTokens: 2000 };

test("of requests that memory holds nobody queues, of four times as many all but a quarter do", () => {
  const held = plannedRun({ ...long, concurrency: 16 }, times(1), times(1));
  const beyond = plannedRun({ ...long, concurrency: 160 }, times(200), times(190));
  expect(held.planned.open.slots).toBeGreaterThan(35);
  expect(held.planned.open.slots).toBeLessThan(60);
  const found = queuedRuns([held, beyond]);
  expect(found.beyond).toEqual([beyond]);
  expect(found.surely).toEqual([beyond]);
  expect(found.missed).toEqual([]);
  expect(found.closed?.bias).toBeCloseTo(-5, 6);
});

test("a run that took longer than all its prompts do queued, whatever the planner says", () => {
  const slow = plannedRun({ ...long, concurrency: 16 }, times(60), times(1));
  expect(queuedRuns([slow])).toMatchObject({ beyond: [], surely: [slow], missed: [slow], closed: null });
});
