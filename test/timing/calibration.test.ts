import { describe, expect, it } from "vitest";
import { chooseKernel } from "../../src/timing/calibration.ts";
import { calibrationOf, fittedKernel } from "../fixtures/synthetic-fit.ts";

const calibration = calibrationOf([
  fittedKernel("decode-attention", { kernel: "flash" }),
  fittedKernel("decode-attention", { kernel: "triton" }),
  fittedKernel("decode-attention", { kernel: "triton", format: "fp8" }),
  fittedKernel("linear", { format: "int8" }),
  fittedKernel("linear"),
]);

function chosen(kind: "decode-attention" | "linear" | "collective", format: string, preferred: readonly string[] = []) {
  const found = chooseKernel(calibration, kind, format, preferred);
  return found === null ? null : { kernel: found.fitted.kernel, format: found.fitted.format, note: found.note };
}

describe("chooseKernel", () => {
  it("takes the preferred kernel in the format asked for, and has nothing to say", () => {
    expect(chosen("decode-attention", "fp8", ["triton"])).toEqual({ kernel: "triton", format: "fp8", note: null });
    expect(chosen("decode-attention", "bf16", ["triton", "flash"])?.kernel).toBe("triton");
    expect(chosen("decode-attention", "bf16", ["flash"])?.kernel).toBe("flash");
    expect(chosen("linear", "bf16")).toEqual({ kernel: "default", format: "bf16", note: null });
  });

  it("takes 16-bit formats for alike", () => {
    expect(chosen("linear", "fp16")).toEqual({ kernel: "default", format: "bf16", note: null });
  });

  it("prefers bf16 to another format that was not asked for, and says what stands in", () => {
    expect(chosen("linear", "fp8")).toMatchObject({ format: "bf16", note: expect.stringContaining("in fp8") });
  });

  it("says that a kernel stands in for one that was not measured", () => {
    expect(chosen("decode-attention", "bf16", ["paged"])?.note).toMatch(
      /^no decode-attention kernel was measured by paged: .*flash in bf16 stand in$/,
    );
  });

  it("has none for a kind of work that was not measured", () => {
    expect(chosen("collective", "bf16")).toBeNull();
  });
});
