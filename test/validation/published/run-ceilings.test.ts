import { expect, test } from "vitest";
import { readCeilings } from "../../../src/validation/published/run-ceilings.ts";

const header = "source,device,what,value_gb_per_s,recalled,note\n";

test("the largest of benchmarks that only read, by the machine's profile", () => {
  const table = [
    "a,A100-SXM4-80GB (2039 datasheet),BabelStream Dot,1750,no,",
    "a,A100-80GB (2039 datasheet),gpu-stream read (best over occupancy),1769,no,",
    "a,A100-80GB (2039 datasheet),gpu-stream init (best over occupancy),1897,no,",
    "a,A100-SXM4-80GB (2039 datasheet),BabelStream Triad,1700,no,",
    "a,H200-141GB (4800 datasheet),BabelStream Dot,4480,no,",
  ];
  const found = readCeilings(header + table.join("\n"), "bandwidth.csv");
  expect([...found]).toEqual([
    ["a100-80g-sxm", 1769e9],
    ["h200", 4480e9],
  ]);
});

test("derived and recalled figures, unknown machines and other quantities are no ceilings", () => {
  const table = [
    "a,Apple M1 Max 32 (400),weights read per second while decoding (lower bound on bandwidth),310.3,no,",
    "a,MI300X (5300 datasheet),BabelStream Dot,4100,yes,",
    "a,2x MI100 (1229 datasheet),gpu-stream read (best over occupancy),1181,no,",
    '"a","L40S","gpu-stream read at 50.0 % occupancy (54528 threads)",844,no,',
    "a,L40S,BabelStream Dot,nothing,no,",
  ];
  expect(readCeilings(header + table.join("\n"), "bandwidth.csv").size).toBe(0);
});

test("a table of other columns has none", () => {
  expect(readCeilings("a,b\n1,2\n", "other.csv").size).toBe(0);
  expect(readCeilings("", "empty.csv").size).toBe(0);
});
