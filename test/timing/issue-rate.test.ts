import { expect, test } from "vitest";
import { issueFlopsPerSecond } from "../../src/timing/issue-rate.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

test.each([
  ["a100-80g-sxm", 39e12],
  ["t4", 16.2e12],
  ["v100-sxm-32g", 31.4e12],
  ["h100-sxm", 67e12],
  ["rtx-3090", 35.6e12],
  ["l40s", 91.6e12],
  ["mi300x", 163.4e12],
  ["apple-m1", 2.29e12],
])("%s: twice the fp32 peak where a processor has 64 lanes, else the peak", (id, rate) => {
  expect(issueFlopsPerSecond(hardwareProfile(id))).toBeCloseTo(rate, -3);
});

test("without processors or an fp32 peak nothing is told of lanes", () => {
  const a100 = hardwareProfile("a100-80g-sxm");
  expect(issueFlopsPerSecond({ ...a100, processors: null })).toBe(19.5e12);
  expect(issueFlopsPerSecond({ ...a100, processors: null, peakFlopsPerSecond: { fp16: 312e12 } })).toBe(312e12);
});
