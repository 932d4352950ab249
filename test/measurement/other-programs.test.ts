import { expect, test } from "vitest";
import { otherProgramsNotes, otherProgramsText } from "../../src/measurement/other-programs.ts";

test("warns where other programs took more than a tenth of the processors", () => {
  expect(otherProgramsText(0.034)).toBe("other programs used 3 % of the processors meanwhile");
  expect(otherProgramsNotes(0.1)).toEqual([]);
  expect(otherProgramsNotes(0.34)).toEqual([
    "other programs used 34 % of the processors meanwhile: measure again while nothing else runs",
  ]);
});
