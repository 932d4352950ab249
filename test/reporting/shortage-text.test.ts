import { describe, expect, it } from "vitest";
import { shortageText } from "../../src/reporting/shortage-text.ts";

describe("shortageText", () => {
  it("says what is needed and what there is", () => {
    expect(shortageText(288e9, { capacityBytes: 80e9, limitBytes: 80e9 })).toBe("needs 288 GB, has 80.0 GB");
  });

  it("prints whole bytes where three digits show no difference", () => {
    const limit = { capacityBytes: 85_017_493_504, limitBytes: 85_017_493_504 };
    expect(shortageText(85_017_493_505, limit)).toBe("needs 85,017,493,505 B, has 85,017,493,504 B");
  });

  it("names the share of the memory that may be used", () => {
    expect(shortageText(75e9, { capacityBytes: 80e9, limitBytes: 72e9 })).toBe(
      "needs 75.0 GB, has 72.0 GB, 90.0 % of 80.0 GB",
    );
  });
});
