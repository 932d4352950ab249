import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawableKinds } from "../../src/cli/chart-spec-of.ts";
import { chart } from "../../src/cli/commands/chart.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-chart-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const specOf = async (...words: string[]) => JSON.parse((await runCommand(chart, words)).stdout);

describe("ridgepoint chart", () => {
  it.each(drawableKinds)("prints the specification of %s with its defaults", async (kind) => {
    const spec = await specOf(kind);
    expect(spec.$schema).toContain("vega-lite/v6");
    expect(spec.data.values.length).toBeGreaterThan(0);
  });

  it("draws Llama-2-7B's bytes as they are counted: 13,214,695,424 of weights at batch 1", async () => {
    const spec = await specOf("bytes-by-part", "--attention", "mha", "--batch", "1", "--context", "512");
    expect(spec.data.values).toEqual([
      expect.objectContaining({ series: "MHA 32", weightBytes: 13_214_695_424, kvBytes: 513 * 524_288 }),
    ]);
  });

  it("gives no speed-up where the variant does not fit, and marks a baseline that does not", async () => {
    const spec = await specOf("speedup-heatmap", "-a", "mha,gqa:8", "-b", "64", "-c", "8192,32768");
    const [half, none] = spec.data.values;
    expect(half).toMatchObject({ fits: true, baselineFits: false });
    expect(half.speedup).toBeGreaterThan(1);
    expect(none).toMatchObject({ fits: false, speedup: null });
  });

  it("draws memory by batch", async () => {
    const spec = await specOf("memory", "--by", "batch", "--batch", "1,2", "--context", "512", "--attention", "as-is");
    expect(spec.data.values.map((row: { batch: number; cacheBytes: number }) => [row.batch, row.cacheBytes])).toEqual([
      [1, 268_435_456],
      [2, 536_870_912],
    ]);
  });

  it("writes each format, known by the ending or by --format", async () => {
    for (const [name, start] of [
      ["a.svg", "<svg"],
      ["a.html", "<!doctype html>"],
      ["a.vl.json", "{"],
    ] as const) {
      const { code, stdout } = await runCommand(chart, ["memory", "--out", join(folder, name)]);
      expect([code, stdout]).toEqual([0, ""]);
      expect((await readFile(join(folder, name), "utf8")).startsWith(start)).toBe(true);
    }
    await runCommand(chart, ["memory", "--out", join(folder, "picture"), "--format", "png", "--theme", "dark"]);
    expect((await readFile(join(folder, "picture"))).subarray(1, 4).toString()).toBe("PNG");
  }, 30_000);

  it("draws eight series, and any number of bars and panels", async () => {
    const series = (spec: { data: { values: { series: string }[] } }) =>
      new Set(spec.data.values.map((row) => row.series));
    expect(series(await specOf("time-by-context", "-a", "mha,mqa", "-b", "1..4")).size).toBe(8);
    expect(series(await specOf("bytes-by-part", "-b", "1..4")).size).toBe(12);
  });

  it.each([
    [["pie"], /^invalid kind: pie/],
    [["memory", "--out", "x.bmp"], /^invalid out: x.bmp/],
    [["memory", "--format", "png"], /^invalid format/],
    [["memory", "--format", "png", "--out", "x.svg"], /^invalid format: png \(x\.svg ends as svg\)$/],
    [["memory", "--format", "svg", "--out", "x.vl.json"], /^invalid format: svg \(x\.vl\.json ends as vega-lite\)$/],
    [["memory", "--format", "svg", "--out", "x.PNG"], /^invalid format: svg \(x\.PNG ends as png\)$/],
    [
      ["memory", "--model", "llama-2-7b", "--config", "x.json"],
      /^invalid config: x\.json \(--model llama-2-7b or --config, not both\)$/,
    ],
    [
      ["time-by-context", "-H", "h100-sxm,mi300x,a100-80g-sxm", "-b", "1,16,64"],
      /^invalid series: 27 \(3 attention variants x 3 machines x 3 batches; a chart takes at most 8: leave out some of --attention or --hardware or --batch\)$/,
    ],
    [["time-by-batch", "-c", "512,1024,2048"], /^invalid series: 9 \(3 attention variants x 3 contexts;/],
    [["memory", "-b", "1..4"], /^invalid series: 12 .*--attention or --batch\)$/],
    [["memory", "--by", "batch", "-c", "1..4"], /^invalid series: 12 .*--attention or --context\)$/],
    [
      ["roofline", "-a", "mha", "-m", "llama-2-7b,llama-3.1-8b,falcon-7b", "-c", "1..3"],
      /^invalid series: 9 \(3 models x 3/,
    ],
    [["memory", "--theme", "sepia"], /^invalid theme/],
    [["memory", "--hardware", "h100-sxm,mi300x"], /^invalid hardware/],
    [["speedup-heatmap", "--attention", "mha"], /^invalid attention/],
    [["time-by-batch", "--batch", "1..90000"], /^invalid batch.*20,000/],
    [["time-by-batch", "--model", "lama-2-7b"], /^invalid model.*llama-2-7b/],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(chart, words)).rejects.toThrow(message);
  });
});
