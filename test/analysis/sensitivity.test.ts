import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChange } from "../../src/analysis/asked-change.ts";
import { predictStep, stepPredictor } from "../../src/analysis/predict-step.ts";
import { sensitivity } from "../../src/analysis/sensitivity.ts";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import { singleDevice } from "../../src/architecture/shard.ts";
import { parseNumberFormat } from "../../src/quantity/number-format.ts";
import type { StepOptions } from "../../src/step/step-options.ts";
import { roofline } from "../../src/timing/roofline.ts";
import { anyHardware, anyModel } from "../fixtures/arbitrary.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");
const one = { model: llama, hardware: h100, workload: { batch: 1, context: 2048 } };
const change = (report: ReturnType<typeof sensitivity>, name: string) =>
  report.changes.find((row) => row.change === name)!;

describe("sensitivity of Llama-2-7B on an H100", () => {
  const report = sensitivity(one);

  it("a step that only waits for memory is 1 − 1/1.1 shorter with 10 % more bandwidth", () => {
    expect(change(report, "+10 % bandwidth").savedPercent).toBeCloseTo(100 * (1 - 1 / 1.1), 9);
    expect(change(report, "twice the FLOP/s").savedSeconds).toBe(0);
    expect(report.elasticities?.bandwidth).toBeCloseTo(-1, 12);
    expect(report.elasticities?.peak).toBe(0);
  });

  it("more bandwidth is more of the cache's too, where the step lives in one", () => {
    const hardware = { ...h100, caches: [{ name: "L2", bytes: 1e12, bandwidthBytesPerSecond: 5.5e12 }] };
    const cached = sensitivity({ ...one, hardware });
    expect(cached.baseline.seconds).toBeCloseTo((report.baseline.seconds ?? 0) * (3.35 / 5.5), 12);
    expect(change(cached, "+10 % bandwidth").savedPercent).toBeCloseTo(100 * (1 - 1 / 1.1), 9);
  });

  it("half the weight bytes saves half of 13,214,695,424 bytes at 3.35 TB/s", () => {
    expect(change(report, "half the weight bytes").savedSeconds).toBeCloseTo(13_214_695_424 / 2 / 3.35e12, 12);
    expect(change(report, "half the weight bytes").footprint.weightBytes).toBe(13_476_831_232 / 2);
  });

  it("half the cache bytes saves half of 2,049 rows of 524,288 bytes", () => {
    expect(change(report, "half the cache bytes").savedSeconds).toBeCloseTo((2049 * 524_288) / 2 / 3.35e12, 12);
    expect(change(report, "half the cache bytes").footprint.cacheBytes).toBe((2048 * 524_288) / 2);
  });

  it("is what `step` says with each option", () => {
    const seconds = (model = llama, batch = 1, context = 2048) =>
      predictStep(stepPredictor(model, h100), { batch, context }).seconds!;
    expect(change(report, "one K/V head (MQA)").seconds).toBe(seconds(applyAttention(llama, "mqa")));
    expect(change(report, "eight K/V heads (GQA-8)").seconds).toBe(seconds(applyAttention(llama, "gqa:8")));
    expect(change(report, "half the context")).toMatchObject({
      seconds: seconds(llama, 1, 1024),
      option: "--context 1024",
    });
    const twice = change(report, "twice the batch");
    expect(twice.seconds).toBe(seconds(llama, 2));
    expect(twice.tokensPerSecond).toBeCloseTo(2 * twice.tokensPerSecondPerRequest!, 9);
    expect(twice.savedSeconds).toBeLessThan(0);
    expect(twice.throughputGainPercent).toBeGreaterThan(50);
  });

  it("sorts by what is saved", () => {
    const saved = report.changes.map((row) => row.savedSeconds!);
    expect(saved).toEqual([...saved].sort((a, b) => b - a));
  });

  it("makes the changes asked for, several at once too", () => {
    const asked = [
      parseChange("bandwidth=x2"),
      parseChange("bandwidth=x2,weight-bytes=-50%,kv-bytes=x0.5,flops=+0%,link=x2"),
    ];
    const more = sensitivity({ ...one, asked });
    expect(change(more, "bandwidth=x2").savedPercent).toBeCloseTo(50, 9);
    const both = change(more, asked[1]!.text);
    expect(both.footprint.bytes).toBe(more.baseline.footprint.bytes / 2);
    expect(both.seconds!).toBeLessThan(more.baseline.seconds! / 2);
  });

  it("times each changed machine with the timing model asked for", () => {
    const machines: number[] = [];
    const timing = (hardware: typeof h100) => {
      machines.push(hardware.memoryBandwidthBytesPerSecond);
      return { ...roofline(hardware), id: "calibrated" as const };
    };
    const other = sensitivity({ ...one, options: { ...one.options, timing } });
    expect(other.elasticities).toBeNull();
    expect(machines).toContain(3.35e12 * 1.1);
    expect(change(other, "+10 % bandwidth").seconds).toBe(change(report, "+10 % bandwidth").seconds);
  });
});

describe("sensitivity", () => {
  it("says what would make a step fit, and gives no speed before that", () => {
    const report = sensitivity({ ...one, model: modelProfile("llama-3.1-70b") });
    expect(report.baseline).toMatchObject({ fits: false, seconds: null, tokensPerSecond: null });
    expect(report.baseline.secondsIfItFitted).toBeGreaterThan(0);
    const fitting = report.changes.filter((row) => row.fits);
    expect(fitting.map((row) => row.change).sort()).toEqual(["half the weight bytes", "weights in fp8"]);
    expect(fitting.every((row) => row.savedSeconds === null && row.throughputGainPercent === null)).toBe(true);
    expect(report.changes.slice(2).every((row) => !row.fits && row.savedPercent === null)).toBe(true);
  });

  it.each(["llama-2-7b", "gpt-oss-20b", "gemma-3-1b", "qwen3.5-27b", "deepseek-v2-lite"])(
    "every option it names gives its row's numbers when run: %s",
    (id) => {
      const model = modelProfile(id);
      const fp8 = parseNumberFormat("fp8");
      const runs: Readonly<Record<string, Partial<StepOptions>>> = {
        "--weights fp8": { weights: fp8 },
        "--kv-cache fp8": { kvCache: fp8 },
      };
      const report = sensitivity({ ...one, model });
      const offered = report.changes.filter((row) => row.option !== null && Object.hasOwn(runs, row.option));
      expect(offered.length).toBeGreaterThan(0);
      for (const row of offered) {
        const run = predictStep(
          stepPredictor(model, one.hardware, { step: runs[row.option as string]! }),
          one.workload,
        );
        expect(row.seconds).toBe(run.seconds);
        expect(row.footprint).toEqual(run.footprint);
        expect(run.seconds).toBeLessThan(report.baseline.seconds as number);
      }
    },
  );

  it("names no format that would read more: gpt-oss's mxfp4 experts in fp8, once a batch touches many of them", () => {
    const workload = { batch: 8, context: 4096 };
    const report = sensitivity({ ...one, model: modelProfile("gpt-oss-20b"), workload });
    expect(report.changes.map((row) => row.option)).not.toContain("--weights fp8");
  });

  it("leaves out what means nothing: links of one device, heads of one, half of one token", () => {
    const names = sensitivity({
      ...one,
      model: applyAttention(llama, "mqa"),
      workload: { batch: 1, context: 1 },
    }).changes.map((row) => row.change);
    expect(names).toEqual(
      expect.not.arrayContaining([
        "twice the link rate",
        "one K/V head (MQA)",
        "eight K/V heads (GQA-8)",
        "half the context",
      ]),
    );
    const options = {
      step: {
        parallelism: { ...singleDevice, tensor: 4 },
        kvCache: parseNumberFormat("fp8"),
        weights: parseNumberFormat("fp8"),
      },
    };
    const report = sensitivity({ ...one, options });
    expect(change(report, "twice the link rate").savedSeconds).toBeGreaterThan(0);
    expect(report.elasticities?.link).toBeLessThan(0);
    expect(change(report, "half the cache bytes").option).toBeNull();
    expect(change(report, "half the weight bytes").option).toBeNull();
  });

  it("counts the fullest pipeline stage after the change", () => {
    const options = { step: { parallelism: { ...singleDevice, pipeline: 3 } } };
    const report = sensitivity({ ...one, options });
    expect(change(report, "half the weight bytes").footprint.weightBytes).toBeLessThan(
      report.baseline.footprint.weightBytes,
    );
  });

  it("gives elasticities that add up, and that small changes confirm", () => {
    const sizes = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(anyModel, anyHardware, sizes, sizes, (model, hardware, batch, context) => {
        const big = { ...hardware, memoryCapacityBytes: 1e30 };
        const asked = ["bandwidth=+0.0001%", "flops=+0.0001%", "weight-bytes=+0.0001%", "kv-bytes=+0.0001%"].map(
          parseChange,
        );
        const report = sensitivity({ model, hardware: big, workload: { batch, context }, asked });
        const e = report.elasticities!;
        expect(e.bandwidth + e.peak + e.link).toBeCloseTo(-1, 9);
        expect(e.weightBytes + e.cacheBytes + e.activationBytes).toBeCloseTo(-e.bandwidth, 9);
        const changed = (name: string) => -change(report, name).savedPercent! / 0.0001;
        // An operation at its ridge point may turn over within the small change.
        expect(changed("bandwidth=+0.0001%")).toBeCloseTo(e.bandwidth, 2);
        expect(changed("flops=+0.0001%")).toBeCloseTo(e.peak, 2);
        expect(changed("weight-bytes=+0.0001%")).toBeCloseTo(e.weightBytes, 2);
        expect(changed("kv-bytes=+0.0001%")).toBeCloseTo(e.cacheBytes, 2);
      }),
      { numRuns: 40 },
    );
  });
});

describe("parseChange", () => {
  it.each([
    ["bandwidth=+25%", { bandwidth: 1.25 }],
    ["flops=x2", { flops: 2 }],
    ["kv-bytes=-50 %", { "kv-bytes": 0.5 }],
    ["link=x0.5, weight-bytes=+10%", { link: 0.5, "weight-bytes": 1.1 }],
  ])("reads %s", (text, scaling) => {
    expect(parseChange(text)).toEqual({ text, scaling });
  });

  it.each([
    ["bandwidth", /invalid change: bandwidth \(wants amount=\+25%/],
    ["bandwidth=25%", /wants amount/],
    ["bandwidth=+1e9%", /wants amount/],
    ["bandwidth=-100%", /wants a factor of 0\.001 to 1000/],
    ["bandwidth=x0", /wants a factor/],
    ["bandwidth=x1001", /wants a factor/],
    ["bandwith=x2", /invalid change: bandwith \(did you mean bandwidth\?\)/],
    ["toaster=x2", /invalid change: toaster \(wants bandwidth, flops/],
    ["__proto__=x2", /wants amount/],
    ["constructor=x2", /wants bandwidth/],
    ["bandwidth=x2,bandwidth=x3", /names bandwidth twice/],
    ["", /invalid change: nothing/],
  ])("refuses %s", (text, message) => {
    expect(() => parseChange(text)).toThrow(message);
  });
});
