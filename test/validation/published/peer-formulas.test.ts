import { expect, test } from "vitest";
import { emptyEngineOperation } from "../../../src/timing/engine-operation.ts";
import { peerSeconds } from "../../../src/validation/published/peer-formulas.ts";

const memoryBound = {
  ...emptyEngineOperation(),
  instances: 10,
  weightBytes: 8e9,
  flops: 1e9,
  peakFlopsPerSecond: 1e14,
};
const computeBound = {
  ...emptyEngineOperation(),
  instances: 1,
  weightBytes: 1e6,
  flops: 4e11,
  peakFlopsPerSecond: 1e14,
};
const exchange = { ...emptyEngineOperation(), instances: 1, linkBytes: 5e7 };
const call = {
  prefill: [computeBound],
  decode: [memoryBound, exchange],
  steps: 2,
  stages: 1,
  bytesPerSecond: 5e11,
  halfFlopsPerSecond: 1e14,
  issueFlopsPerSecond: 1e13,
  linkBytesPerSecond: 5e10,
  records: false,
  unpacks: false,
};

test("the roofline by hand: 4 ms of prefill, and two steps of 8 ms at 1 TB/s and 1 ms of the link", () => {
  expect(peerSeconds("roofline", call, 1e12)).toBeCloseTo(0.022, 12);
});

test("80 % of it, and 3 us for each of the 23 kernels", () => {
  expect(peerSeconds("80 % + 3 µs", call, 1e12)).toBeCloseTo(0.022 / 0.8 + 23 * 3e-6, 12);
});
