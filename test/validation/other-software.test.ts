import { expect, test } from "vitest";
import { otherSoftwareNotes } from "../../src/validation/other-software.ts";
import { syntheticTable } from "../fixtures/synthetic-fit.ts";

const plain = syntheticTable("linear");
const of = (engine: string) => ({ ...plain, rows: plain.rows.map((row) => ({ ...row, engine })) });

test("rows that name another engine are said, however it is spelled", () => {
  expect(otherSoftwareNotes([of("VLLM"), plain], "pytorch-graph")).toEqual([
    "linear.csv: 42 rows of vllm fitted as kernels of pytorch-graph (--engine vllm if that is whose they are)",
  ]);
  expect(otherSoftwareNotes([of("trtllm")], "vllm")).toEqual([expect.stringMatching(/--engine trt-llm/)]);
});

test("rows of the engine asked for, of none, and of one that has no profile are not", () => {
  expect(otherSoftwareNotes([of("vllm")], "vllm")).toEqual([]);
  expect(otherSoftwareNotes([plain, of("torch 2.11")], "pytorch-graph")).toEqual([]);
});
