import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { submissionsOf } from "../../../src/kernels/webgpu/submissions.ts";

const sizes = (programs: number[]): number[] =>
  submissionsOf(programs.map((length) => new Array<number>(length).fill(0))).map(({ length }) => length);

describe("submissionsOf", () => {
  it("submits a decode step of 900 dispatches at once, and gathers short programs to 256", () => {
    expect(sizes([900])).toEqual([900]);
    expect(sizes(new Array<number>(300).fill(1))).toEqual([256, 44]);
    expect(sizes([100, 100, 100, 900, 2])).toEqual([200, 100, 900, 2]);
    expect(sizes([10_000])).toEqual([4096, 4096, 1808]);
    expect(sizes([])).toEqual([]);
  });

  it("keeps every dispatch, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(), { maxLength: 300 })), (programs) => {
        const submissions = submissionsOf(programs);
        expect(submissions.flat()).toEqual(programs.flat());
        for (const submission of submissions) expect(submission.length).toBeGreaterThan(0);
      }),
    );
  });
});
