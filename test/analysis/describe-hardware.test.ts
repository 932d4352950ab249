import { describe, expect, it } from "vitest";
import { describeHardware, sourcedFigures } from "../../src/analysis/describe-hardware.ts";
import type { HardwareProfile } from "../../src/hardware/hardware-profile.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

describe("describeHardware", () => {
  it("gives an H100's ridge point in bf16: 989 TFLOP/s at 3.35 TB/s are 295 FLOPs a byte", () => {
    const h100 = describeHardware(hardwareProfile("h100-sxm"));
    const bf16 = h100.peaks.find(({ format }) => format === "bf16");
    expect(bf16?.ridgePoint).toBe(989e12 / 3.35e12);
    expect(Math.round(bf16?.ridgePoint ?? 0)).toBe(295);
  });

  it("lists only the formats that the machine has", () => {
    const v100 = describeHardware(hardwareProfile("v100-sxm-32g"));
    expect(v100.peaks.map(({ format }) => format)).not.toContain("bf16");
  });
});

describe("sourcedFigures", () => {
  it("lists every figure with its source, absent ones left out", () => {
    const figure = (value: string) => ({ value, source: "a datasheet" });
    const profile: HardwareProfile = {
      id: "x",
      name: "X",
      vendor: "V",
      kind: "gpu",
      aliases: [],
      memory: { type: "HBM", capacity: { ...figure("80 GB"), note: "printed" }, bandwidth: figure("1 TB/s") },
      peak: { bf16: figure("100 TFLOP/s") },
      caches: [{ name: "L2", capacity: figure("50 MB") }],
      link: { name: "NVLink", bandwidth: figure("450 GB/s") },
      node: { devices: figure("8"), link: { name: "InfiniBand", bandwidth: figure("400 Gb/s") } },
      power: null,
      pricePerHour: figure("2.5 USD/h"),
    };
    expect(sourcedFigures(profile).map(({ figure: name, value, note }) => [name, value, note])).toEqual([
      ["memory capacity", "80 GB", "printed"],
      ["memory bandwidth", "1 TB/s", null],
      ["peak bf16", "100 TFLOP/s", null],
      ["L2 capacity", "50 MB", null],
      ["link NVLink", "450 GB/s", null],
      ["devices a node", "8", null],
      ["link between nodes, InfiniBand", "400 Gb/s", null],
      ["price an hour", "2.5 USD/h", null],
    ]);
  });
});

describe("a machine on its own", () => {
  it.each([null, undefined])("has no figure of a link where the profile says %s", (link) => {
    const figure = (value: string) => ({ value, source: "a datasheet" });
    const profile = {
      id: "x",
      name: "X",
      vendor: "V",
      kind: "cpu",
      aliases: [],
      memory: { type: "DDR5", capacity: figure("64 GB"), bandwidth: figure("80 GB/s") },
      peak: { fp32: figure("1 TFLOP/s") },
      caches: [],
      link,
      node: { devices: figure("1") },
      power: null,
    } as unknown as HardwareProfile;
    expect(sourcedFigures(profile).map(({ figure: name }) => name)).toEqual([
      "memory capacity",
      "memory bandwidth",
      "peak fp32",
      "devices a node",
    ]);
  });
});
