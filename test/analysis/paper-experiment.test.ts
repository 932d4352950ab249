import { describe, expect, it } from "vitest";
import {
  coreOfChip,
  type PaperCell,
  paperColumns,
  paperExperiment,
  publishedSeconds,
} from "../../src/analysis/paper-experiment.ts";
import {
  publishedLanguageQuality,
  publishedSpeeds,
  publishedTranslationQuality,
} from "../../src/analysis/published-decoding-speed.ts";
import { countParameters } from "../../src/architecture/weights.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const chip = hardwareProfile("tpu-v2");
const models = new Map(publishedSpeeds.map(({ modelId }) => [modelId, modelProfile(modelId)]));
const cells = paperExperiment(models, chip);
const cell = (attention: string, column: string, format = "bf16"): PaperCell => {
  const found = cells.find(
    (each) => each.attention === attention && each.column === column && each.cacheFormat === format,
  );
  if (found === undefined) throw new Error(`no cell ${attention}, ${column}, ${format}`);
  return found;
};

describe("the experiment of Shazeer 2019", () => {
  it("has every cell of the table of speeds, the decoder's in both formats", () => {
    expect(cells).toHaveLength(4 * (3 + 2 * 2));
    for (const published of publishedSpeeds) {
      for (const column of paperColumns) {
        expect(cell(published.attention, column).publishedSecondsPerToken).toBe(publishedSeconds(published, column));
      }
    }
  });

  it("stays below what was measured in every cell, since it is a lower bound", () => {
    for (const each of cells) {
      expect(each.explained, `${each.attention}, ${each.column}, ${each.cacheFormat}`).toBeGreaterThan(0.1);
      expect(each.explained, `${each.attention}, ${each.column}, ${each.cacheFormat}`).toBeLessThan(1);
    }
  });

  it("counts a multi-head decoding step by hand: 128 sequences, 6 layers, 2 × 1024 elements a row, bf16", () => {
    // Concatenation reads 127 rows and writes 128, self-attention reads 128, cross-attention 128.
    expect(cell("multi-head", "greedy decoder").kvBytes).toBe(128 * (127 + 128 + 128 + 128) * 2048 * 6 * 2);
    expect(cell("multi-head", "greedy decoder", "fp32").kvBytes).toBe(128 * (127 + 128 + 128 + 128) * 2048 * 6 * 4);
    // 32 rows kept: 32 read and written, 32 read; cross-attention sees all 128.
    expect(cell("multi-head local", "greedy decoder").kvBytes).toBe(128 * (31 + 32 + 32 + 128) * 2048 * 6 * 2);
  });

  it("has an eighth of the K/V bytes with one of eight heads", () => {
    expect(cell("multi-query", "greedy decoder").kvBytes * 8).toBe(cell("multi-head", "greedy decoder").kvBytes);
  });

  it("reads the decoder's cache four times with four beams, the encoder's once, and moves the decoder's to its parents", () => {
    const self = 128 * 2048 * 6 * 2;
    expect(cell("multi-head", "beam 4 decoder").beamReorderBytes).toBe(4 * 2 * 128 * self);
    expect(cell("multi-head", "beam 4 decoder").kvBytes).toBe(self * (4 * (127 + 128 + 128 + 2 * 128) + 128));
    expect(cell("multi-head", "greedy decoder").beamReorderBytes).toBe(0);
  });

  it("is bound by arithmetic in training and encoding, by bytes in multi-head decoding", () => {
    for (const each of cells) {
      if (!each.column.endsWith("decoder")) expect(each.bound).toBe("FLOPs");
      else if (each.attention.startsWith("multi-head")) expect(each.bound).toBe("bytes");
    }
  });

  it("takes half a chip for a core", () => {
    const core = coreOfChip(chip, 2);
    expect(core.memoryBandwidthBytesPerSecond).toBe(350e9);
    expect(core.peakFlopsPerSecond.bf16).toBe(22.5e12);
    expect(core.memoryCapacityBytes).toBe(8 * 2 ** 30);
  });

  it("names a model that is missing", () => {
    expect(() => paperExperiment(new Map(), chip)).toThrow(/shazeer-2019-wmt-mha/);
  });
});

describe("published figures", () => {
  it("are of models with the parameters that the paper reports, within 1 %", () => {
    for (const { modelId } of publishedTranslationQuality) {
      expect(Math.abs(countParameters(modelProfile(modelId)).total / 211e6 - 1), modelId).toBeLessThan(0.01);
    }
    for (const { modelId } of publishedLanguageQuality) {
      expect(Math.abs(countParameters(modelProfile(modelId)).total / 192e6 - 1), modelId).toBeLessThan(0.01);
    }
  });

  it("fit the step times in the text: 47 ms and 3.9 ms a decoder step, 222 ms and 195 ms an encoder", () => {
    expect(46e-6 * 1024).toBeCloseTo(47e-3, 3);
    expect(3.8e-6 * 1024).toBeCloseTo(3.9e-3, 4);
    expect(222e-3 / (1024 * 128)).toBeCloseTo(1.7e-6, 7);
    expect(195e-3 / (1024 * 128)).toBeCloseTo(1.5e-6, 7);
  });
});

describe("a chip that the experiment can't be counted on", () => {
  it("is refused by name where it has no peak in bf16", () => {
    const other = { ...chip, peakFlopsPerSecond: { fp32: 1e12 } };
    expect(() => paperExperiment(models, other)).toThrow(/^invalid .*bf16/);
  });

  it("and so is a model that is missing", () => {
    expect(() => paperExperiment(new Map(), chip)).toThrow("a model of the paper is missing");
  });
});
