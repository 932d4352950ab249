import { describe, expect, it } from "vitest";
import { applyAttention } from "../../src/architecture/attention-variant.ts";
import { attentionName, type ChartSetup, seriesName, setupSubtitle } from "../../src/reporting/chart-setup.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const llama = modelProfile("llama-2-7b");
const h100 = hardwareProfile("h100-sxm");
const mi300x = hardwareProfile("mi300x");
const variant = (attention: string) => ({ attention, model: applyAttention(llama, attention) });
const setup = (change: Partial<ChartSetup>): ChartSetup => ({
  variants: [variant("mha")],
  hardware: [h100],
  batches: [16],
  contexts: [4096],
  options: {},
  workload: {},
  ...change,
});

describe("names of a chart's lines", () => {
  it("hold what differs, and the attention where nothing does", () => {
    const one = setup({});
    expect(seriesName(one, { variant: variant("mha"), hardware: h100, batch: 16 })).toBe("MHA 32");
    const two = setup({ hardware: [h100, mi300x], batches: [1, 16] });
    expect(seriesName(two, { variant: variant("mha"), hardware: mi300x, batch: 1 })).toBe("Instinct MI300X, batch 1");
    const both = setup({ variants: [variant("mha"), variant("mqa")] });
    expect(seriesName(both, { variant: variant("mqa"), hardware: h100 })).toBe("MQA 32/1");
  });

  it("name the attention without its windows", () => {
    expect(attentionName(modelProfile("gpt-oss-20b"))).toBe("GQA 64/8");
  });

  it("leave the rest to the subtitle", () => {
    expect(setupSubtitle(setup({}), "context")).toBe("MHA 32, H100 SXM5 80GB, batch 16, weights bf16, K/V bf16");
  });
});
