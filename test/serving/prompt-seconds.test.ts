import { describe, expect, test } from "vitest";
import { promptCosts, promptSeconds } from "../../src/serving/prompt-seconds.ts";
import { first, mixed, steps } from "../fixtures/simulated-fleet.ts";
import { toyReplica } from "../fixtures/toy-replica.ts";

/** 10 ms a step, 0.1 ms a sequence and a prompt token, 1 µs a prompt token and row that it sees. */
const line = steps((sequences, _, tokens, rows) => 0.01 + 1e-4 * sequences + 1e-4 * tokens + 1e-6 * tokens * rows);
const decodeStep = 0.011;

describe("a prompt's seconds", () => {
  const mixing = toyReplica({ steps: line, policy: { ...mixed, stepTokens: 1010 } });

  test("by hand: 1000 tokens add 0.1 s, and 1000 × 500.5 rows of 1 µs: 0.6005 s", () => {
    expect(promptSeconds(mixing, 1000, 10, 1, decodeStep)).toBeCloseTo(0.6005, 9);
  });

  test("of two steps see in the second what the first one has computed", () => {
    // 1500 tokens: 1000 see 500.5 rows, 500 see 1250.5.
    expect(promptSeconds(mixing, 1500, 10, 1, decodeStep)).toBeCloseTo(0.15 + 0.5005 + 500 * 1250.5e-6, 9);
  });

  test("found in the cache for the most part: 100 of 1000 tokens, which see 950.5 rows; one at least is computed", () => {
    const cached = { ...mixing, cachedPromptShare: 0.9 };
    expect(promptSeconds(cached, 1000, 10, 1, decodeStep)).toBeCloseTo(0.01 + 100 * 950.5e-6, 9);
    const whole = { ...mixing, cachedPromptShare: 1 };
    expect(promptSeconds(whole, 1000, 10, 1, decodeStep)).toBeCloseTo(1e-4 + 1000e-6, 9);
  });

  test("of an engine that computes prompts first are whole steps, whoever decodes", () => {
    const alone = toyReplica({ steps: line, policy: { ...first, stepTokens: 1000 } });
    expect(promptSeconds(alone, 1500, 10, 1, decodeStep)).toBeCloseTo(0.02 + 0.15 + 0.5005 + 500 * 1250.5e-6, 9);
  });

  test("are shared by prompts that other groups of devices compute side by side", () => {
    const groups = { ...line, groups: 4 };
    const grouped = toyReplica({ steps: groups, policy: { ...mixed, stepTokens: 8010 } });
    expect(promptSeconds(grouped, 1000, 10, 1, decodeStep)).toBeCloseTo(0.6005, 9);
    expect(promptSeconds(grouped, 1000, 10, 1, decodeStep, 1)).toBeCloseTo(0.6005, 9);
  });
});

describe("prompts as they come", () => {
  const nodes = { tokens: [500, 1500], weights: [0.5, 0.5] };
  const flat = steps((sequences, _, tokens) => 0.02 + 1e-4 * sequences + 1e-4 * tokens);
  const replica = toyReplica({ steps: flat, policy: { ...first, stepTokens: 8192 } });
  const alone = nodes.tokens.map((length) => promptSeconds(replica, length, 0, 1, 0.02));

  test("of an engine that mixes, and those that fill more than half of a step, share none", () => {
    const mixing = { ...replica, policy: { ...mixed, stepTokens: 8192 } };
    expect(promptCosts(mixing, nodes, alone, 0.02, () => 1)).toEqual({ seconds: alone, shared: null });
    const narrow = { ...replica, policy: { ...first, stepTokens: 1999 } };
    expect(promptCosts(narrow, nodes, alone, 0.02, () => 1).shared).toBeNull();
    const just = { ...replica, policy: { ...first, stepTokens: 2000 } };
    expect(promptCosts(just, nodes, alone, 0.02, () => 1).shared).not.toBeNull();
  });

  test("share the 20 ms that a step takes beside them: g prompts in one take (1 − 1 / g) of it less", () => {
    const { seconds, shared } = promptCosts(replica, nodes, alone, 0.05, () => 5);
    expect(shared!.sharedSeconds).toBeCloseTo(0.02, 9);
    expect(shared!.ownSeconds.map((each) => Math.round(1e6 * each))).toEqual([50_000, 150_000]);
    const saved = 0.02 * (1 - 1 / shared!.mean);
    expect(Math.abs(alone[0]! - seconds[0]! - saved)).toBeLessThan(1e-3 * 0.12);
    expect(alone[1]! - seconds[1]!).toBeCloseTo(alone[0]! - seconds[0]!, 12);
    expect(shared!.mean).toBeGreaterThan(1.1);
  });

  test("find the rate that what they save leads to, within 0.1 % of a prompt", () => {
    const rateAt = (prompt: number): number => 20 / (2 + 20 * prompt);
    const { seconds, shared } = promptCosts(replica, nodes, alone, 0.05, rateAt);
    const mean = (seconds[0]! + seconds[1]!) / 2;
    const again = promptCosts(replica, nodes, alone, 0.05, () => rateAt(mean));
    expect(Math.abs(again.shared!.mean / shared!.mean - 1)).toBeLessThan(0.01);
    expect(Math.abs(again.seconds[0]! - seconds[0]!)).toBeLessThan(2e-3 * mean);
  });

  test("whose steps take nothing beside them save nothing", () => {
    const bare = { ...replica, steps: steps((_, __, tokens) => 1e-4 * tokens) };
    const own = nodes.tokens.map((length) => promptSeconds(bare, length, 0, 1, 0));
    expect(promptCosts(bare, nodes, own, 0.02, () => 3).seconds).toEqual(own);
  });
});
