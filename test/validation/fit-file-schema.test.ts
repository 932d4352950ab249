/** The fit file, written by fit-file-of.ts and read by fit-file-schema.ts. */
import { describe, expect, it } from "vitest";
import { executionProfiles } from "../../src/timing/engines.ts";
import { calibrate } from "../../src/validation/calibrate.ts";
import { fitFileOf } from "../../src/validation/fit-file-of.ts";
import { calibrationOfFitFile, type FitFile, parseFitFile } from "../../src/validation/fit-file-schema.ts";
import { roundHardware, syntheticTable } from "../fixtures/synthetic-fit.ts";

const result = calibrate({
  ...{ id: "made-up", stated: roundHardware, measured: roundHardware, profile: executionProfiles["pytorch-graph"] },
  tables: [syntheticTable("linear"), syntheticTable("steps")],
});
const sha256 = "a".repeat(64);
const file = fitFileOf(result, { source: "made up", tables: [{ name: "linear.csv", sha256, rows: 42 }] });

/** The file as JSON, changed. */
function changed(change: (fit: Record<string, unknown> & { kernels: Record<string, unknown>[] }) => void): unknown {
  const copy = JSON.parse(JSON.stringify(file));
  change(copy);
  return copy;
}

function read(value: unknown) {
  return calibrationOfFitFile(parseFitFile(value));
}

describe("a fit file", () => {
  it("gives back the calibration, to seven digits, with what it was made of", () => {
    const calibration = read(JSON.parse(JSON.stringify(file)));
    expect(calibration).toMatchObject({ id: "made-up", hardware: "round", vendor: "NVIDIA", engine: "pytorch-graph" });
    expect(calibration.kernels).toHaveLength(2);
    calibration.kernels.forEach((kernel, i) => {
      const own = result.calibration.kernels[i]!;
      expect(kernel.kind).toBe(own.kind);
      for (const [p, value] of kernel.parameters.entries()) expect(value / own.parameters[p]!).toBeCloseTo(1, 6);
    });
    // The start-up of steps is fitted whatever its time: no JSON holds infinity.
    expect(file.kernels[1]!.longestSeconds).toBeNull();
    expect(calibration.kernels[1]!.longestSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(calibration.origin).toMatchObject({
      tables: [{ name: "linear.csv", sha256 }],
      heldOut: [
        { what: "linear, unnamed, bf16", rows: 42 },
        { what: "whole steps", rows: 8 },
      ],
    });
  });

  it.each<[string, RegExp, (fit: Record<string, unknown> & { kernels: Record<string, unknown>[] }) => void]>([
    ["a key is missing", /^invalid vendor: missing/, (fit) => delete fit["vendor"]],
    ["a key is unknown", /colour/, (fit) => Object.assign(fit, { colour: "red" })],
    [
      "it is of another layout",
      /^invalid layout: ridgepoint-fit-0 \(.*run `ridgepoint calibrate` again\)$/,
      (fit) => {
        fit["layout"] = "ridgepoint-fit-0";
      },
    ],
    [
      "a parameter is unknown",
      /^invalid fit linear: zeal \(the parameters of linear are .*calibrate` again\)$/,
      (fit) => {
        Object.assign(fit.kernels[0]!["parameters"] as object, { zeal: 1 });
      },
    ],
    [
      "a parameter is missing",
      /^invalid fit linear: no startSeconds /,
      (fit) => {
        delete (fit.kernels[0]!["parameters"] as Record<string, unknown>)["startSeconds"];
      },
    ],
    [
      "a parameter is no number",
      /^invalid kernels\[0\]\.parameters\.startSeconds: /,
      (fit) => {
        Object.assign(fit.kernels[0]!["parameters"] as object, { startSeconds: null });
      },
    ],
    [
      "a parameter lies outside its bounds",
      /^invalid fit linear, readEfficiency: 7 \(wants 0\.1 to 1\.03\)$/,
      (fit) => {
        Object.assign(fit.kernels[0]!["parameters"] as object, { readEfficiency: 7 });
      },
    ],
    [
      "a regime has no spread",
      /^invalid fit linear: no spread of compute/,
      (fit) => {
        const spreads = fit.kernels[0]!["spreads"] as Record<string, unknown>[];
        spreads[1]!["regime"] = "memory";
      },
    ],
    [
      "a kind of kernel is unknown",
      /^invalid kernels\[0\]\.kind: magic/,
      (fit) => {
        fit.kernels[0]!["kind"] = "magic";
      },
    ],
    [
      "a hash is none",
      /sha256/,
      (fit) => {
        (fit["tables"] as Record<string, unknown>[])[0]!["sha256"] = "0";
      },
    ],
    [
      "it has no kernel",
      /^invalid fit kernels: none/,
      (fit) => {
        fit.kernels.length = 0;
      },
    ],
    [
      "a correlation is above 1",
      /correlation/,
      (fit) => {
        fit.kernels[0]!["correlation"] = 1.5;
      },
    ],
  ])("is refused in one line where %s", (_what, message, change) => {
    let said = "";
    try {
      read(changed(change));
    } catch (error) {
      expect((error as Error).name).toBe("InvalidInput");
      said = (error as Error).message;
    }
    expect(said).toMatch(message);
    expect(said).not.toContain("\n");
  });

  it("is refused where it is something else", () => {
    for (const value of [null, 3, "fit", [], {}]) expect(() => read(value)).toThrow(/^invalid /);
  });

  it("holds no number that JSON lacks", () => {
    const numbers = JSON.stringify(file satisfies FitFile).match(/NaN|Infinity/);
    expect(numbers).toBeNull();
  });
});
