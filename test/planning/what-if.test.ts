import { describe, expect, it } from "vitest";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { searchFleets } from "../../src/planning/search.ts";
import { type WhatIfRow, whatIfRows } from "../../src/planning/what-if.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";
import { planMachine, planQuestion, workload } from "../fixtures/plan-question.ts";
import { modelProfile } from "../fixtures/profiles.ts";

const question = planQuestion({
  ...{ model: modelProfile("llama-2-7b"), machines: [planMachine("l40s")], load: { kind: "rate", amount: 20 } },
  ...{ workload: workload(2000, 500), objectives: { ttftSeconds: 2, tpotSeconds: 0.1 }, limits: { devices: 2 } },
});

function rows(changes: readonly string[], of: PlanQuestion = question): ReadonlyMap<string, WhatIfRow> {
  const [best = null] = searchFleets(of, false).candidates;
  return new Map(whatIfRows(of, best, changes).map((row) => [row.change, row]));
}

describe("whatIfRows", () => {
  const found = rows(["kv-heads=1", "attention=gqa:8", "attention=mha", "kv-cache=int8", "kv-heads=1, kv-cache=int8"]);
  const of = (change: string): WhatIfRow => found.get(change)!;

  it("begins with the fleet as it is, which is what MHA is of a model that has it", () => {
    expect([...found.keys()][0]).toBe("");
    expect(of("")).toMatchObject({ label: "as it is", quality: [], hardware: "l40s" });
    expect(of("attention=mha")).toMatchObject({ devices: of("").devices, fleet: of("").fleet });
  });

  it("holds 512 KiB of cache a row on one device of Llama-2-7B, a 32nd of it with MQA, half with int8", () => {
    const single = rows(["kv-heads=1", "kv-cache=int8"], { ...question, limits: { ...question.limits, devices: 1 } });
    const pages = Math.ceil(2500 / 16) * 16;
    expect(single.get("")!.requestCacheBytes).toBe(pages * 512 * 1024);
    expect(single.get("kv-heads=1")!.requestCacheBytes).toBe(pages * 16 * 1024);
    expect(single.get("kv-cache=int8")!.requestCacheBytes).toBe(pages * 256 * 1024);
  });

  it("needs no more devices with MQA than with GQA-8 than with MHA, and no more with an int8 cache than with 16 bits", () => {
    const devices = (change: string): number => of(change).devices!;
    expect(devices("kv-heads=1")).toBeLessThanOrEqual(devices("attention=gqa:8"));
    expect(devices("attention=gqa:8")).toBeLessThan(devices("attention=mha"));
    expect(devices("kv-cache=int8")).toBeLessThan(devices(""));
    expect(devices("kv-heads=1, kv-cache=int8")).toBeLessThanOrEqual(devices("kv-heads=1"));
    expect(of("kv-heads=1").costPerHour!).toBeLessThan(of("").costPerHour!);
  });

  it("has published quality beside what changes it", () => {
    expect(of("kv-heads=1").quality.length).toBeGreaterThan(0);
    expect(of("kv-heads=1, kv-cache=int8").quality.length).toBeGreaterThan(of("kv-heads=1").quality.length);
  });

  it("has rows without figures where no fleet holds, none where nothing is asked, and refuses what can't be", () => {
    const none = { ...question, machines: [planMachine("l4")], limits: { ...question.limits, devices: 1 } };
    const row = rows(["weights=fp32"], { ...none, objectives: { ...none.objectives, tpotSeconds: 0.01 } });
    for (const each of row.values()) {
      expect(each).toMatchObject({ devices: null, fleet: null, costPerHour: null, requestCacheBytes: null });
    }
    expect(rows([]).size).toBe(0);
    expect(() => rows(["kv-heads=5"])).toThrow(InvalidInput);
  });
});
