import { describe, expect, it } from "vitest";
import { planAssumptions } from "../../src/planning/plan-assumptions.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { lognormalLengths } from "../../src/serving/length-distribution.ts";
import { planMachine, planQuestion, rooflineTiming, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

function said(changes: Parameters<typeof planQuestion>[0] = {}, withBest = true): string {
  const question = planQuestion(changes);
  const [best = null] = withBest ? searchFleets(question, false).candidates : [];
  return planAssumptions(question, best).join("\n");
}

describe("planAssumptions", () => {
  it.each([
    [1, "by a Poisson process"],
    [0, "in even gaps"],
    [4, "with gaps whose deviation is 2 of their mean"],
  ])("tells how requests arrive (variation %d)", (arrivalVariation, text) => {
    const of = said({ workload: { ...workload(1000, 300), arrivalVariation } }, false);
    expect(of).toContain(`requests arrive ${text}; replicas share them evenly and are loaded to 90 %`);
  });

  it("tells of users, lengths that vary, prefixes and drafts only where there are any", () => {
    expect(said({ load: { kind: "users", amount: 8 } }, false)).toMatch(/^each user has one request in flight/);
    const plain = said({}, false);
    for (const word of ["independent", "found computed", "drafted"]) expect(plain).not.toContain(word);
    const input = lognormalLengths({ mean: 1000, deviation: 500 });
    expect(said({ workload: { ...workload(1000, 300), input } }, false)).toContain("independent of each other");
    expect(said({ cachedPromptShare: 0.3 }, false)).toContain("30 % of each prompt is found computed");
    const head = { tokens: 3, acceptance: 0.7, draft: null };
    expect(said({ speculation: head }, false)).toContain("3 tokens a step are drafted by a head of one layer");
    const draft = modelProfile("llama-3.2-1b");
    expect(said({ speculation: { ...head, draft } }, false)).toContain(`by ${draft.name}`);
  });

  it("tells of the best fleet's nodes, price and power, and what is not known of them", () => {
    const of = said();
    expect(of).toContain("8 devices a node; 50.0 GB/s a device between nodes");
    expect(of).toContain("a device costs 3.29 USD/h");
    expect(of).toContain("rated 700 W");
    expect(of).toContain("intervals hold 90 %");
    const machine = { ...planMachine("h100-sxm", { powerWatts: null, node: null }), pricePerHour: null };
    const unknown = said({ machines: [machine], timing: rooflineTiming });
    expect(unknown).toContain("no link between nodes is known");
    expect(unknown).toContain("no price of h100-sxm is known (--price h100-sxm=2.50)");
    expect(unknown).not.toContain("rated");
    expect(unknown).not.toContain("intervals");
    const owned = said({ machines: [{ ...planMachine("h100-sxm"), ownedDevices: 4 }] });
    expect(owned).toContain("4 are owned and cost nothing more");
    expect(said({ limits: { devicesPerNode: 1 } })).toContain("1 device a node");
  });
});
