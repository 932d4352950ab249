import { describe, expect, it } from "vitest";
import { apartText } from "../../src/cli/apart-text.ts";

describe("apartText", () => {
  it.each([
    [0.25, 0.2, "20 % below"],
    [0.25, 0.3, "20 % above"],
    [1, 3, "200 % above"],
  ])("of %d s in closed form and %d s simulated says %s", (closedSeconds, simulatedSeconds, text) => {
    expect(apartText({ figure: "TTFT", closedSeconds, simulatedSeconds })).toBe(text);
  });
});
