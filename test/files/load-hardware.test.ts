import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeMachine } from "../../src/files/describe-machine.ts";
import { builtinHardwareNamed, loadHardware } from "../../src/files/load-hardware.ts";
import { builtinHardware, hardwareAliases } from "../../src/generated/builtin-hardware.ts";

const profiles = join(import.meta.dirname, "..", "..", "hardware-profiles");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("loadHardware", () => {
  // NVIDIA H100 datasheet: SXM 3.35 TB/s; the memory as nvidia-smi reports it.
  it("knows the H100 by id and by alias", async () => {
    const h100 = await loadHardware("h100-sxm");
    expect(h100.memoryBandwidthBytesPerSecond).toBe(3.35e12);
    expect(h100.memoryCapacityBytes).toBe(85_017_493_504);
    const alias = Object.keys(hardwareAliases).find((name) => hardwareAliases[name] === "h100-sxm") ?? "";
    expect(await loadHardware(alias.toUpperCase())).toBe(h100);
    expect(builtinHardwareNamed("H100-SXM")).toBe(h100);
  });

  it("reads a profile's file to the same machine as the built-in one", async () => {
    expect(await loadHardware(join(profiles, "h100-sxm.json"))).toEqual(builtinHardware["h100-sxm"]);
  });

  it("has every profile of the folder built in, under its id", async () => {
    expect(Object.keys(builtinHardware).length).toBeGreaterThanOrEqual(60);
    for (const [id, hardware] of Object.entries(builtinHardware)) expect(hardware.id).toBe(id);
    for (const id of Object.values(hardwareAliases)) expect(builtinHardware).toHaveProperty([id]);
  });

  it("refuses, in one line, an unknown name, a missing file, a syntax error and a wrong profile", async () => {
    await expect(loadHardware("h100-sx")).rejects.toThrow("did you mean h100-sxm? `ridgepoint hardware` lists all");
    await expect(loadHardware("no/such.json")).rejects.toThrow("invalid hardware: no/such.json (no such file)");
    const broken = join(folder, "broken.json");
    await writeFile(broken, '{\n  "id": }');
    await expect(loadHardware(broken)).rejects.toThrow(/line 2/);
    const machine = join(folder, "machine.json");
    await writeFile(machine, JSON.stringify(await describeMachine()));
    await expect(loadHardware(machine)).rejects.toThrow("describes a machine; wants a hardware profile");
    const profile = JSON.parse(await readFile(join(profiles, "h100-sxm.json"), "utf8"));
    profile.memory.bandwidth.value = "3.35 TB";
    const wrong = join(folder, "wrong.json");
    await writeFile(wrong, JSON.stringify(profile));
    await expect(loadHardware(wrong)).rejects.toThrow(/^invalid memory\.bandwidth\.value: 3\.35 TB \(.+\)$/);
  });
});
