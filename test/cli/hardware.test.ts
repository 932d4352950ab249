import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hardware } from "../../src/cli/commands/hardware.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const json = async (...words: string[]) => JSON.parse((await runCommand(hardware, [...words, "--json"])).stdout);
const profile = join(import.meta.dirname, "..", "..", "hardware-profiles", "h100-sxm.json");

describe("ridgepoint hardware", () => {
  it("lists at least 60 machines", async () => {
    expect((await json()).hardware.length).toBeGreaterThanOrEqual(60);
    expect((await runCommand(hardware, [])).stdout).toMatch(/^id +name +memory +bandwidth/);
  });

  it("filters by id, name, vendor and alias", async () => {
    const ids = (await json("h100")).hardware.map((row: { id: string }) => row.id);
    expect(ids).toEqual(expect.arrayContaining(["h100-nvl", "h100-pcie", "h100-sxm"]));
    expect((await json("APPLE")).hardware.length).toBeGreaterThanOrEqual(10);
    await expect(runCommand(hardware, ["h100-sxn"])).rejects.toThrow("did you mean h100-sxm?");
  });

  it("shows peaks, ridge points and sources", async () => {
    const { stdout } = await runCommand(hardware, ["show", "h100-sxm"]);
    expect(stdout).toContain("what the device reports, 85017493504 B; printed as 80 GB");
    expect(stdout).toMatch(/bf16 +989 TFLOP\/s +295\n/);
    expect(stdout).toMatch(/\nnode +8 devices, InfiniBand NDR to the next: 50(\.0)? GB\/s a device in one direction\n/);
    expect(stdout).toMatch(/\nprice +3\.29 USD\/h a device\n/);
    expect(stdout).toContain("  link between nodes, InfiniBand NDR: 400 Gb/s\n");
    expect(stdout).toContain("figures and their sources:");
    const shown = await json("show", "H100-SXM");
    expect(shown.memoryCapacityBytes).toBe(85_017_493_504);
    expect(shown.node).toEqual({ devices: 8, link: { name: "InfiniBand NDR", bytesPerSecond: 50e9 } });
    expect(shown.figures.every(({ source }: { source: string }) => source !== "")).toBe(true);
  });

  it("shows a machine that stands alone as such, and no price where none is known", async () => {
    const { stdout } = await runCommand(hardware, ["show", "apple-m2-max"]);
    expect(stdout).toMatch(/\nnode +1 device\n/);
    expect(stdout).not.toMatch(/price/);
    expect((await json("show", "trainium1")).node).toBeNull();
  });

  it("checks a file", async () => {
    const { code, stdout } = await runCommand(hardware, ["--check", profile]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^OK {2}/);
    for (const form of ["--csv", "--json"]) {
      const run = await runCommand(hardware, ["--check", profile, form]);
      expect([run.stdout.includes("OK  "), run.stderr]).toEqual([false, `OK  ${profile}\n`]);
    }
    const path = join(folder, "bad.json");
    await writeFile(path, JSON.stringify({ id: "x" }));
    await expect(runCommand(hardware, ["--check", path])).rejects.toThrow(
      /^invalid name: missing \(hardware profile wants text\)/,
    );
  });

  it("prints CSV with a column a number format, in every row", async () => {
    const lines = (await runCommand(hardware, ["--csv"])).stdout.trimEnd().split("\n");
    expect(lines[0]).toContain("peakFlopsPerSecond_bf16,peakFlopsPerSecond_fp16,peakFlopsPerSecond_fp8");
    const figures = (await runCommand(hardware, ["show", "h100-sxm", "--csv"])).stdout;
    expect(figures).toMatch(/^figure,value,source,note\nmemory capacity,80 GB,/);
  });
});
