import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Parallelism, shardModel } from "../../src/architecture/shard.ts";
import type { Hardware } from "../../src/hardware/hardware.ts";
import { type LayoutLimits, layoutsOf, layoutText, nodeDevices } from "../../src/planning/layout.ts";
import { noLimits } from "../fixtures/plan-question.ts";
import { hardwareProfile, modelProfile } from "../fixtures/profiles.ts";

const h100 = hardwareProfile("h100-sxm");
const llama = modelProfile("llama-3.1-70b");

function layouts(model = llama, hardware: Hardware = h100, limits: Partial<LayoutLimits> = {}) {
  return layoutsOf(model, hardware, { ...noLimits, ...limits });
}

const texts = (of: readonly { readonly parallelism: Parallelism }[]): string[] =>
  of.map(({ parallelism }) => layoutText(parallelism));

describe("layoutsOf", () => {
  it("lays Llama-3.1-70B out over up to 4 devices in the six ways that powers of two give", () => {
    const { layouts: found, refused } = layouts(llama, h100, { devices: 4 });
    expect(texts(found).sort()).toEqual(["TP 1", "TP 1 × PP 2", "TP 1 × PP 4", "TP 2", "TP 2 × PP 2", "TP 4"].sort());
    expect(found.map(({ devices }) => devices)).toEqual([1, 2, 2, 4, 4, 4]);
    expect(refused).toEqual([]);
  });

  it("refuses heads that can't be divided, in the model's words, and keeps those that can", () => {
    // 40 heads, 8 K/V heads: 3 divides neither, 5 divides the heads alone.
    const qwen = modelProfile("qwen2.5-14b");
    const { layouts: found, refused } = layouts(qwen, h100, { tensor: [3, 5, 8], pipeline: [1] });
    expect(texts(found)).toEqual(["TP 8"]);
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("heads 40"),
      expect.stringContaining("kvHeads 8"),
    ]);
  });

  it("replicates K/V heads beyond their number: TP 16 of 8 heads keeps one on each device", () => {
    const { layouts: found } = layouts(llama, h100, { devices: 16, tensor: [8, 16], pipeline: [1] });
    expect(texts(found)).toEqual(["TP 8", "TP 16"]);
    for (const { parallelism } of found) {
      expect(shardModel(llama, parallelism).decoder.kinds[0]!.attention).toMatchObject({ kvHeads: 1 });
    }
  });

  it("does not split the latent cache, whatever the layout", () => {
    const deepseek = modelProfile("deepseek-v2-lite");
    const whole = deepseek.decoder.kinds[0]!.attention;
    const { layouts: found } = layouts(deepseek);
    expect(found.length).toBeGreaterThan(8);
    for (const { parallelism } of found) {
      const { attention } = shardModel(deepseek, parallelism).decoder.kinds[0]!;
      expect(attention).toMatchObject(whole.kind === "latent" ? { kvRank: whole.kvRank, ropeDim: whole.ropeDim } : {});
    }
  });

  it("spreads experts by 1, by the tensor group and wider; a model without them has one size", () => {
    const mixtral = modelProfile("mixtral-8x7b");
    const { layouts: found } = layouts(mixtral, h100, { devices: 8, tensor: [2], pipeline: [1] });
    expect(found.map(({ parallelism }) => parallelism.expert)).toEqual([1, 2, 4, 8]);
    expect(found.map(({ devices }) => devices)).toEqual([2, 2, 4, 8]);
    expect(new Set(layouts().layouts.map(({ parallelism }) => parallelism.expert))).toEqual(new Set([1]));
  });

  it("refuses 16 ways for 8 experts, and any for none", () => {
    const of = { devices: 16, tensor: [1], pipeline: [1], expert: [8, 16] };
    const mixtral = layouts(modelProfile("mixtral-8x7b"), h100, of);
    expect(texts(mixtral.layouts)).toEqual(["TP 1 × EP 8"]);
    expect(mixtral.refused.map(({ reason }) => reason)).toEqual([expect.stringContaining("experts 8")]);
    expect(layouts(llama, h100, of).refused).toHaveLength(2);
  });

  it("cuts layers into at most as many stages as there are", () => {
    const { layouts: found, refused } = layouts(llama, h100, { devices: 128, tensor: [1], pipeline: [80, 81] });
    expect(texts(found)).toEqual(["TP 1 × PP 80"]);
    expect(refused.map(({ reason }) => reason)).toEqual([expect.stringContaining("80 layers")]);
  });

  it("keeps tensor groups in a node of its own accord, and stages need not stay", () => {
    const { layouts: found } = layouts(llama, h100, { devices: 32 });
    expect(Math.max(...found.map(({ parallelism }) => parallelism.tensor))).toBe(8);
    expect(found.find(({ parallelism }) => layoutText(parallelism) === "TP 8 × PP 4")).toMatchObject({
      ...{ devices: 32, nodes: 4, devicesPerNode: 8 },
      hardware: { link: h100.link },
    });
  });

  it("lets a group exchange over the node's link up to a node, and over the one between beyond", () => {
    const deepseek = modelProfile("deepseek-v3");
    const { layouts: found } = layouts(deepseek, h100, {
      devices: 32,
      tensor: [8],
      pipeline: [1],
      expert: [8, 16, 32],
    });
    expect(found.map(({ nodes }) => nodes)).toEqual([1, 2, 4]);
    const between = h100.node!.link!;
    expect(between.bytesPerSecond).toBeLessThan(h100.link!.bytesPerSecond);
    expect(found.map(({ hardware }) => hardware.link)).toEqual([h100.link, between, between]);
  });

  it("takes the link between nodes that was given, but none that is faster than the node's", () => {
    const of = { devices: 16, tensor: [16], pipeline: [1] };
    const [slow] = layouts(llama, h100, { ...of, nodeLinkBytesPerSecond: 1e9 }).layouts;
    expect(slow!.hardware.link).toEqual({ name: "between nodes", bytesPerSecond: 1e9 });
    const [fast] = layouts(llama, h100, { ...of, nodeLinkBytesPerSecond: 1e15 }).layouts;
    expect(fast!.hardware.link).toEqual(h100.link);
  });

  it("refuses several devices of a machine without a link, and groups past a node where none between is known", () => {
    const alone = layouts(llama, { ...h100, link: null }, { devices: 2, devicesPerNode: 2 });
    expect(texts(alone.layouts)).toEqual(["TP 1"]);
    expect(alone.refused.map(({ reason }) => reason)).toEqual(Array(2).fill("h100-sxm has no link to other devices"));
    const island: Hardware = { ...h100, node: { devices: 8, link: null } };
    const of = { devices: 16, tensor: [8, 16], pipeline: [1] };
    expect(texts(layouts(llama, island, of).layouts)).toEqual(["TP 8"]);
    expect(layouts(llama, island, of).refused.map(({ reason }) => reason)).toEqual([
      "16 devices are more than a node's 8, and no link between nodes is known",
    ]);
    expect(texts(layouts(llama, island, { ...of, nodeLinkBytesPerSecond: 5e10 }).layouts)).toEqual(["TP 8", "TP 16"]);
  });

  it("holds every layout to the device limit, its product to its devices, and its nodes to them", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("llama-3.1-8b", "mixtral-8x7b", "deepseek-v2-lite", "gemma-3-12b"),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(null, 1, 2, 4, 8),
        (id, devices, devicesPerNode) => {
          const model = modelProfile(id);
          const { layouts: found } = layouts(model, h100, { devices, devicesPerNode });
          const inNode = nodeDevices(h100, { devicesPerNode });
          for (const each of found) {
            const { tensor, pipeline, expert } = each.parallelism;
            expect(each.devices).toBe(pipeline * Math.max(tensor, expert));
            expect(each.devices).toBeLessThanOrEqual(devices);
            expect(tensor).toBeLessThanOrEqual(inNode);
            expect(each.nodes).toBe(Math.ceil(each.devices / inNode));
            expect(() => shardModel(model, each.parallelism)).not.toThrow();
          }
          expect(new Set(texts(found)).size).toBe(found.length);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("nodeDevices", () => {
  it("is what was given, then the profile's, then 8 with a link and 1 without", () => {
    expect(nodeDevices(h100, { devicesPerNode: 4 })).toBe(4);
    expect(nodeDevices(h100, noLimits)).toBe(8);
    expect(nodeDevices(hardwareProfile("a10"), noLimits)).toBe(4);
    expect(nodeDevices({ ...h100, node: null }, noLimits)).toBe(8);
    expect(nodeDevices({ ...h100, node: null, link: null }, noLimits)).toBe(1);
  });
});

describe("layoutText", () => {
  it.each([
    [{ tensor: 8, pipeline: 1, expert: 1 }, "TP 8"],
    [{ tensor: 8, pipeline: 2, expert: 1 }, "TP 8 × PP 2"],
    [{ tensor: 8, pipeline: 1, expert: 16 }, "TP 8 × EP 16"],
    [{ tensor: 1, pipeline: 2, expert: 4 }, "TP 1 × PP 2 × EP 4"],
  ])("writes %o as %s", (parallelism, text) => {
    expect(layoutText(parallelism)).toBe(text);
  });
});

describe("hand-overs between nodes", () => {
  const hardware = hardwareProfile("h100-sxm");
  const limits = {
    ...{ devices: 64, devicesPerNode: 8, nodeLinkBytesPerSecond: 50e9 },
    ...{ tensor: [8], expert: [1] },
  };
  const perByte = (pipeline: number): number =>
    layoutsOf(modelProfile("llama-3.1-70b"), hardware, { ...limits, pipeline: [pipeline] }).layouts[0]!
      .handOverSecondsPerByte;

  it("take what the slower link takes beyond the node's own: two nodes of 8, one hand-over, 1/50e9 − 1/450e9", () => {
    expect(perByte(2)).toBeCloseTo(1 / 50e9 - 1 / 450e9, 18);
  });

  it("are one fewer than the nodes, and none within one", () => {
    expect(perByte(4) / perByte(2)).toBeCloseTo(3, 9);
    expect(perByte(1)).toBe(0);
  });
});
