import { expect, test } from "vitest";
import { withCeilings } from "../../src/hardware/measured-ceilings.ts";
import { refuseOtherCeilings } from "../../src/hardware/plausible-ceilings.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");

function refused(ceilings: Readonly<Record<string, number>>, hardware = h100): () => void {
  return () => refuseOtherCeilings(hardware, withCeilings(hardware, ceilings), "ceilings.json");
}

test("an H100's ceilings are its own, and no A100's", () => {
  const ceilings = { read_bytes_per_s: 3.085e12, bf16_flops: 803e12 };
  expect(refused(ceilings)).not.toThrow();
  expect(refused(ceilings, hardwareProfile("a100-80g-sxm"))).toThrow(
    "invalid ceilings: ceilings.json (reads 3.08 TB/s, where a100-80g-sxm has 2.04 TB/s: of another machine or in another unit?)",
  );
});

test("GB/s for bytes/s, and TFLOP/s for FLOP/s, are another unit", () => {
  expect(refused({ read_bytes_per_s: 3085 })).toThrow(/^invalid ceilings: ceilings\.json \(reads .* another unit\?\)$/);
  expect(refused({ read_bytes_per_s: 3.085e15 })).toThrow(/another unit/);
  expect(refused({ read_bytes_per_s: 3e12, bf16_flops: 803 })).toThrow(/multiplies .* in bf16, .* another unit/);
});

test("a few of a machine's cores reach little of it, and a library's units may pass its fp32 peak", () => {
  expect(refused({ read_bytes_per_s: 3.35e12 / 200 })).not.toThrow();
  expect(refused({ read_bytes_per_s: 3e12, fp32_flops: 400e12 })).not.toThrow();
});
