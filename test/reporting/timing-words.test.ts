import { describe, expect, it } from "vitest";
import { halfWidthText, intervalText } from "../../src/reporting/interval-text.ts";
import { engineName, timingWords } from "../../src/reporting/timing-words.ts";

describe("timingWords", () => {
  it("names the fit and the software, and nothing of a roofline", () => {
    expect(timingWords({ timing: "roofline", engine: null, calibration: null })).toBe("roofline");
    expect(timingWords({ timing: "calibrated", engine: "llama.cpp", calibration: "m1" })).toBe(
      "calibrated on m1: llama.cpp",
    );
    expect(engineName("pytorch-graph")).toMatch(/^PyTorch with CUDA graphs/);
    expect(engineName("someone's")).toBe("someone's");
  });
});

describe("intervals as text", () => {
  const interval = { low: 6.33e-3, high: 6.71e-3, level: 0.9 };

  it("say their ends, or half their width in per cent of the time", () => {
    expect(intervalText(interval)).toBe(", 90 %: 6.33 ms to 6.71 ms");
    expect(halfWidthText(6.5e-3, interval)).toBe(" ± 2.9 %");
  });

  it("are nothing where there is none", () => {
    expect(intervalText(null) + halfWidthText(1, null)).toBe("");
  });
});
