import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/cli/commands/simulate.ts";
import { planSetup } from "../../src/cli/plan-setup.ts";
import { runCommand } from "../support/run-command.ts";
import { scratchFolder } from "../support/scratch-folder.ts";

const asked = { model: "llama-3.1-8b", rate: "8/s", input: "1000", output: "300" };

const { written } = scratchFolder();

describe("planSetup", () => {
  it("asks for one kind of device at its profile's price, loaded to 90 %, replicas of up to 16 devices", async () => {
    const { question, simulation, notes } = await planSetup(asked);
    expect(question.model.id).toBe("llama-3.1-8b");
    expect(question.machines.map(({ hardware, ownedDevices }) => [hardware.id, ownedDevices])).toEqual([
      ["h100-sxm", 0],
    ]);
    expect(question.machines[0]?.pricePerHour).toBe(question.machines[0]?.hardware.pricePerHourUsd);
    expect(question.limits).toMatchObject({ devices: 16, utilization: 0.9, fleetDevices: null, memoryShare: null });
    expect(question.load).toEqual({ kind: "rate", amount: 8 });
    expect(simulation).toMatchObject({ requests: 10_000, seed: 1, contextLimit: 131_072 });
    expect(notes).toEqual([]);
  });

  it("takes larger replicas where larger sizes are asked for or a node has more devices", async () => {
    const devices = async (options: Record<string, string>): Promise<number> =>
      (await planSetup({ ...asked, ...options })).question.limits.devices;
    expect(await devices({ tensorParallel: "8", pipelineParallel: "4" })).toBe(32);
    expect(await devices({ expertParallel: "64" })).toBe(64);
    expect(await devices({ hardware: "gb200" })).toBe(72);
    expect(await devices({ devices: "4" })).toBe(4);
  });

  it("counts one machine under two names once, with the price and the devices said of either", async () => {
    const { question } = await planSetup({
      ...asked,
      hardware: "h100,h100-sxm",
      price: ["h100=2"],
      owned: ["h100-sxm=3"],
    });
    expect(question.machines).toHaveLength(1);
    expect(question.machines[0]).toMatchObject({ pricePerHour: 2, ownedDevices: 3 });
  });

  it("forgets a file's prices and devices of machines that options replace, not those that options name", async () => {
    const file = written(
      "prices.yaml",
      "model: llama-3.1-8b\nworkload: {rate: 8, input: 10, output: 10}\nprices: {h200: 3, h100-sxm: 2}\nlimits: {owned: {h200: 8}}\n",
    );
    const { question } = await planSetup({ file, hardware: "h100-sxm" });
    expect(question.machines[0]).toMatchObject({ pricePerHour: 2, ownedDevices: 0 });
    const typed = planSetup({ file, hardware: "h100-sxm", price: ["h200=3"] });
    await expect(typed).rejects.toThrow("invalid prices: h200 (is no candidate; --hardware has h100-sxm)");
  });

  it("reads a config.json in the place of a profile", async () => {
    const config = written(
      "config.json",
      JSON.stringify({
        ...{ architectures: ["LlamaForCausalLM"], hidden_size: 2048, num_hidden_layers: 4, num_attention_heads: 16 },
        ...{ intermediate_size: 5504, vocab_size: 32_000 },
      }),
    );
    const { model: _, ...rest } = asked;
    const { question } = await planSetup({ ...rest, config });
    expect(question.model.decoder.order).toHaveLength(4);
  });

  it("puts measured ceilings in the profile's place", async () => {
    const path = join(import.meta.dirname, "..", "..", "measurements", "H100", "ceilings.json");
    const [own, profile] = [await planSetup({ ...asked, ceilings: path }), await planSetup(asked)];
    const bandwidth = ({ question }: Awaited<ReturnType<typeof planSetup>>): number =>
      question.machines[0]!.hardware.memoryBandwidthBytesPerSecond;
    expect(bandwidth(own)).toBeLessThan(bandwidth(profile));
    expect(bandwidth(own)).toBeGreaterThan(0.5 * bandwidth(profile));
  });

  it("has the drafting model, and knows regular and bursty arrivals", async () => {
    const { question } = await planSetup({ ...asked, speculative: "4:0.75:llama-3.2-1b", burstiness: "2" });
    expect(question.speculation).toMatchObject({ tokens: 4, acceptance: 0.75, draft: { id: "llama-3.2-1b" } });
    expect(question.workload.arrivalVariation).toBe(4);
    expect((await planSetup({ ...asked, burstiness: "0" })).question.workload.arrivalVariation).toBe(0);
  });

  it("refuses mean lengths past the context, and notes rare ones, whose requests are rejected", async () => {
    await expect(planSetup({ ...asked, model: "llama-2-7b", input: "3797" })).rejects.toThrow(
      "invalid input: 3797 tokens (with the answer 4097 tokens, past the 4096 of llama-2-7b's context)",
    );
    expect((await planSetup({ ...asked, model: "llama-2-7b", input: "3796" })).notes).toEqual([]);
    const { notes } = await planSetup({ ...asked, model: "llama-2-7b", input: "100..4000" });
    expect(notes).toEqual([
      "some requests are longer than the 4096 tokens of llama-2-7b's context: the simulation rejects them",
    ]);
  });
});

describe("ridgepoint simulate with a file and measured ceilings", () => {
  it("is slower on measured ceilings than on the datasheet's, timed by the roofline", async () => {
    const words =
      "--model llama-3.1-8b --rate 1/s --input 100 --output 50 --requests 100 --timing roofline --engine ideal --json".split(
        " ",
      );
    const path = join(import.meta.dirname, "..", "..", "measurements", "H100", "ceilings.json");
    const mean = async (more: string[]): Promise<number> =>
      JSON.parse((await runCommand(simulate, [...words, ...more])).stdout).tpotSeconds.mean;
    expect(await mean(["--ceilings", path])).toBeGreaterThan(await mean([]));
  });
});
