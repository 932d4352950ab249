/** The notebooks' entry: everything of node.ts, and the charts, tables and questions that notebooks need. */
import { describe, expect, it } from "vitest";
import * as node from "../src/node.ts";
import * as library from "../src/notebook.ts";

describe("the library in a notebook", () => {
  it("has all that node.ts has", () => {
    expect(Object.keys(library)).toEqual(expect.arrayContaining(Object.keys(node)));
  });

  it("draws the charts of the commands from models and machines by name", async () => {
    const model = library.loadModel("llama-2-7b");
    const setup: library.ChartSetup = {
      variants: ["mha", "mqa"].map((attention) => ({ attention, model: library.applyAttention(model, attention) })),
      hardware: [await library.loadHardware("h100-sxm")],
      ...{ batches: [16], contexts: [1024, 8192], options: {}, workload: {} },
    };
    expect(library.stepTimeByContext(setup).data.values).toHaveLength(4);
    expect(library.rooflineOfSteps({ ...setup, contexts: [1024] }).usermeta.chart).toBe("roofline");
    expect(library.speedupChart(setup).usermeta.chart).toBe("speedup-heatmap");
  });

  it("asks what plan asks, in the words of its options", async () => {
    const { question } = await library.planSetup({
      ...{ model: "llama-3.1-8b", rate: "2/s", input: "1000", output: "200", hardware: "h100-sxm" },
    });
    expect(library.planFleet(question).report.best?.devices).toBe(1);
  });

  it("counts the paper's experiment, all cells", async () => {
    const cells = library.paperExperiment(library.paperModels(library.loadModel), await library.loadHardware("tpu-v2"));
    // Four models; training and two encoders in one cache format, two decoders in two.
    expect(cells).toHaveLength(4 * (3 + 2 * 2));
  });
});
