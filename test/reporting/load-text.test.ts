import { expect, it } from "vitest";
import { loadText } from "../../src/reporting/load-text.ts";

it("says a load to four digits, one in the singular", () => {
  expect(loadText({ kind: "rate", amount: 8 })).toBe("8 requests/s");
  expect(loadText({ kind: "rate", amount: 1 })).toBe("1 request/s");
  expect(loadText({ kind: "rate", amount: 0.123456 })).toBe("0.1235 requests/s");
  expect(loadText({ kind: "users", amount: 1 })).toBe("1 user");
  expect(loadText({ kind: "users", amount: 64 })).toBe("64 users");
});
