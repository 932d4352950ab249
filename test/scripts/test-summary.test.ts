import { describe, expect, it } from "vitest";
import { testSummary } from "../../scripts/test-summary.mjs";

const file = (name: string, status: string, tests: Record<string, string>) => ({
  name: `/repo/${name}`,
  status,
  assertionResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
});

describe("testSummary", () => {
  it("counts tests, names what was skipped, and ends with the two numbers", () => {
    const report = {
      testResults: [
        file("test/a.test.ts", "passed", { adds: "passed", later: "skipped", "some day": "todo" }),
        file("test/b.test.ts", "failed", { b1: "passed", b2: "failed" }),
      ],
    };
    expect(testSummary(report, "/repo").lines).toEqual([
      "skipped: test/a.test.ts > later",
      "to do: test/a.test.ts > some day",
      "failed: test/b.test.ts > b2",
      "2 passed, 1 failed",
    ]);
  });

  it("counts a file that breaks before its first test as one failed", () => {
    const report = { testResults: [file("test/a.test.ts", "failed", {})] };
    expect(testSummary(report, "/repo").lines).toEqual([
      "failed: test/a.test.ts (before its tests)",
      "0 passed, 1 failed",
    ]);
  });

  it("says so where nothing ran", () => {
    expect(testSummary({ testResults: [] }, "/repo").lines).toEqual(["0 passed, 0 failed"]);
  });
});
