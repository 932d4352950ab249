import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { roofline } from "../../src/cli/commands/roofline.ts";
import { runCommand } from "../support/run-command.ts";

interface Row {
  readonly series: string;
  readonly operation: string;
  readonly intensity: number;
  readonly flopsPerSecond: number;
  readonly sharePercent: number;
}

const rowsOf = async (...words: string[]): Promise<Row[]> =>
  JSON.parse((await runCommand(roofline, words)).stdout).data.values;

describe("ridgepoint roofline", () => {
  it("puts every operation on or below the roof, and the shares add up to all", async () => {
    const rows = await rowsOf("--batch", "256");
    for (const row of rows) {
      expect(row.flopsPerSecond).toBeLessThanOrEqual(Math.min(989e12, 3.35e12 * row.intensity) * (1 + 1e-9));
    }
    expect(rows.reduce((sum, row) => sum + row.sharePercent, 0)).toBeCloseTo(100, 6);
  });

  it("draws the roof of a cache that a step lives in, and puts its operations on it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "roofline-"));
    try {
      const profile = JSON.parse(await readFile("hardware-profiles/h100-sxm.json", "utf8"));
      const source = "made up for this test";
      profile.caches = [
        { name: "L2", capacity: { value: "100 GB", source }, bandwidth: { value: "5.5 TB/s", source } },
      ];
      const path = join(folder, "large-cache.json");
      await writeFile(path, JSON.stringify(profile));
      const { stdout } = await runCommand(roofline, ["--hardware", path, "--batch", "1", "--timing", "roofline"]);
      const spec = JSON.parse(stdout);
      expect(spec.description).toContain("L2 roof 5.5 TB/s");
      const rows: Row[] = spec.data.values;
      const attention = rows.find((row) => row.operation === "attention");
      expect((attention?.flopsPerSecond ?? 0) / (attention?.intensity ?? 1)).toBeCloseTo(5.5e12, -6);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("has a series for each variant and batch, and says which does not fit", async () => {
    const rows = await rowsOf("--attention", "mha,mqa", "--batch", "1,64", "--context", "8192");
    expect([...new Set(rows.map((row) => row.series))]).toEqual([
      "MHA 32, batch 1",
      "MHA 32, batch 64 (does not fit)",
      "MQA 32/1, batch 1",
      "MQA 32/1, batch 64",
    ]);
  });

  it("moves attention to the right by the query heads that share a key: 32 times from MHA to MQA, activations aside", async () => {
    const rows = await rowsOf("--attention", "mha,mqa", "--batch", "1", "--context", "65536");
    const intensity = (series: string) =>
      rows.find((row) => row.series.startsWith(series) && row.operation === "attention")?.intensity ?? 0;
    expect(intensity("MQA") / intensity("MHA")).toBeCloseTo(32, 0);
  });

  it("writes a dark picture", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ridgepoint-roofline-"));
    try {
      const { stderr } = await runCommand(roofline, ["--theme", "dark", "--out", join(folder, "a.svg")]);
      expect(stderr).toContain("wrote ");
      expect(await readFile(join(folder, "a.svg"), "utf8")).toContain("#15181d");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("takes eight series at most", async () => {
    expect(new Set((await rowsOf("--batch", "1..8")).map((row) => row.series)).size).toBe(8);
    await expect(runCommand(roofline, ["--batch", "1..64"])).rejects.toThrow(
      "invalid series: 64 (64 batches; a chart takes at most 8: leave out some of --batch)",
    );
  });

  it("wants one machine", async () => {
    await expect(runCommand(roofline, ["--hardware", "h100-sxm,mi300x"])).rejects.toThrow(/^invalid hardware/);
  });
});
