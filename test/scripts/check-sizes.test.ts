import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coreLimitGzipBytes, sizeChecks, sizeTable, stepLimitBytes } from "../../scripts/check-sizes.mjs";

const record = join(import.meta.dirname, "..", "..", "dist", "bundle-sizes.json");
const sizesOf = (stepBytes: number, coreGzipBytes: number) => ({
  entries: { "index.js": { bytes: 3 * coreGzipBytes, gzipBytes: coreGzipBytes, files: [] } },
  step: { bytes: stepBytes, gzipBytes: 1, files: [{ file: "cli/ridgepoint.js", bytes: 12_345, gzipBytes: 1 }] },
});

describe("sizeChecks", () => {
  it("holds each limit on both sides", () => {
    expect(sizeChecks(sizesOf(399_999, 59_999)).map(({ fits }) => fits)).toEqual([true, true]);
    expect(sizeChecks(sizesOf(stepLimitBytes, coreLimitGzipBytes)).map(({ fits }) => fits)).toEqual([false, false]);
  });

  it("prints what is over the limit, and the files behind it", () => {
    const table = sizeTable(sizesOf(400_000, 1));
    expect(table).toMatch(/ridgepoint step, bytes +400,000 of +400,000 {2}over the limit/);
    expect(table).toMatch(/cli\/ridgepoint\.js +12,345/);
  });

  it.skipIf(!existsSync(record))("finds the built bundle within its limits", () => {
    const checks = sizeChecks(JSON.parse(readFileSync(record, "utf8")));
    expect(checks.filter(({ fits }) => !fits)).toEqual([]);
  });
});
