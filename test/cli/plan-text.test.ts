import { beforeAll, describe, expect, it } from "vitest";
import { planCsvRow } from "../../src/cli/plan-csv.ts";
import { nothingFits, type PlanView, planText } from "../../src/cli/plan-text.ts";
import type { PlanQuestion } from "../../src/planning/plan-question.ts";
import { type Planned, planFleet } from "../../src/planning/plan-report.ts";
import { type SimulatedFleet, simulateFleet } from "../../src/planning/simulated-fleet.ts";
import { planQuestion } from "../fixtures/plan-question.ts";

const question: PlanQuestion = planQuestion({ limits: { devices: 2 } });
let planned: Planned;
let simulated: SimulatedFleet;
beforeAll(() => {
  planned = planFleet(question);
  simulated = simulateFleet(planned.search.candidates[0]!, question, {
    ...{ arrivals: { kind: "poisson", requestsPerSecond: 8 }, trace: null, requests: 400, seed: 1, contextLimit: null },
  });
});

const view = (changes: Partial<PlanView> = {}): PlanView => ({
  ...{
    question,
    report: planned.report,
    simulated: [],
    simulatedReplicas: null,
    whatIf: [],
    engineArguments: [],
    notes: [],
    verbose: false,
  },
  ...changes,
});

/** The plan with other figures of its best fleet. */
function withBest(changes: Partial<NonNullable<PlanView["report"]["best"]>>): PlanView {
  const { report } = planned;
  const best = { ...report.best!, ...changes };
  return view({ report: { ...report, best, candidates: [best, ...report.candidates.slice(1)] } });
}

describe("planText", () => {
  it("names one thing in the singular and several in the plural", () => {
    expect(planText(withBest({ devices: 1, nodes: 1, maxSequences: 1 }), 200)).toMatch(
      /: 1 device in 1 node, .*\n[\s\S]* decode in a replica on average, at most 1 fits\n/,
    );
    expect(planText(withBest({ devices: 16, nodes: 2, maxSequences: 7 }), 200)).toMatch(
      /: 16 devices in 2 nodes, .*\n[\s\S]* decode in a replica on average, at most 7 fit\n/,
    );
    expect(planText(withBest({ maxSequences: Number.POSITIVE_INFINITY }), 200)).toContain("as many as one likes fit\n");
  });

  it("leaves out what is unknown: a price, a power, intervals", () => {
    const text = planText(
      withBest({
        ...{ costPerHour: null, costPerMillionTokens: null, powerWatts: null, joulesPerToken: null },
        ...{ ttftInterval: null, tpotInterval: null },
      }),
      200,
    );
    expect(text).toMatch(/: 1 device in 1 node\n/);
    expect(text).not.toContain("  power ");
    expect(text).toMatch(/ {2}times {6}TTFT [\d.]+ ms, TPOT [\d.]+ ms, end to end/);
  });

  it("says what the simulation misses, rejects, evicts, and where the closed form is off", () => {
    const { result } = simulated;
    const run: SimulatedFleet = {
      ...simulated,
      result: { ...result, requests: { arrived: 410, completed: 400, rejected: 10, preempted: 3 } },
      misses: ["TTFT"],
      disagreements: [{ figure: "TPOT", closedSeconds: 0.01, simulatedSeconds: 0.012 }],
    };
    const text = planText(view({ simulated: [run] }), 400);
    expect(text).toMatch(
      /\n {2}simulated {2}TTFT .*; [\d.]+ % of 400 requests keep all objectives; MISSES TTFT; 10 rejected; 3 pre-empted; TPOT 20 % above the closed form\n/,
    );
    expect(text).toMatch(/\n1 × \(TP 1\) .* best; misses in the simulation\n/);
  });

  it("heads with the load and the objectives that there are", () => {
    const asked = (objectives: Partial<PlanQuestion["objectives"]>, load = question.load): string =>
      planText(view({ question: { ...question, load, objectives: { ...question.objectives, ...objectives } } }), 200)
        .split("\n", 1)
        .join("");
    expect(asked({})).toBe(
      "Llama 3.1 8B: 8 requests/s, prompt 1000 tokens, answer 300 tokens; p95 TTFT 500 ms, TPOT 40.0 ms",
    );
    expect(asked({ ttftSeconds: null, tpotSeconds: null, endToEndSeconds: 30, share: 0.999 })).toMatch(
      /; p99\.9 end to end 30\.0 s$/,
    );
    expect(asked({ ttftSeconds: null, tpotSeconds: null })).toMatch(/; no objectives$/);
    expect(asked({}, { kind: "rate", amount: 1 })).toContain(": 1 request/s, ");
    expect(asked({}, { kind: "users", amount: 1 })).toContain(": 1 user, ");
    expect(asked({}, { kind: "users", amount: 64 })).toContain(": 64 users, ");
  });

  it("says the objective once, other parts by their names, and each note once", () => {
    const binds = (binding: "objective" | "capacity" | "none", bindingText: string): string =>
      /What binds: .*/.exec(planText(withBest({ binding, bindingText }), 200))![0];
    expect(binds("objective", "the objective of TPOT")).toBe("What binds: the objective of TPOT");
    expect(binds("none", "one replica is enough")).toBe("What binds: one replica is enough");
    expect(binds("capacity", "memory: 7 fit")).toBe("What binds: capacity: memory: 7 fit");
    expect(planText(view({ notes: ["twice", "twice"] }), 200).match(/note: twice\n/g)).toHaveLength(1);
    const unrelieved = view({ report: { ...planned.report, reliefs: [] } });
    expect(planText(unrelieved, 200)).not.toContain("one step of relief");
  });
});

describe("nothingFits", () => {
  const none = { ...{ hardware: "h100-sxm", layout: "TP 8", reason: "too slow", shortBy: 2 }, fixes: [] };

  it("says what came nearest and each change that helps, that none does, or that no layout is possible", () => {
    const of = (nearestMiss: PlanView["report"]["nearestMiss"]): string =>
      nothingFits({ ...planned.report, nearestMiss });
    expect(of(none)).toBe("nothing fits. Nearest: TP 8 on h100-sxm: too slow\n  no single change helps\n");
    const fixes = [{ change: "--weights fp8", fleet: "1 × (TP 8)", hardware: "h200" }];
    expect(of({ ...none, fixes })).toContain("\n  fits with --weights fp8: 1 × (TP 8) on h200\n");
    expect(of(null)).toBe("nothing fits: no layout is possible\n");
  });
});

describe("planCsvRow", () => {
  it("has the same columns whether there are intervals, separated prompts and a limit of memory or not", () => {
    const best = planned.report.best!;
    const prefill = { replicas: 1, tp: 2, pp: 1, ep: 1, devices: 2, utilization: 0.5, transferSeconds: 0.1 };
    const interval = { low: 1, high: 2, level: 0.9 };
    const full = planCsvRow({ ...best, prefill, ttftInterval: interval, tpotInterval: interval });
    const bare = planCsvRow({
      ...{ ...best, prefill: null, ttftInterval: null, tpotInterval: null },
      maxSequences: Number.POSITIVE_INFINITY,
    });
    expect(full).toMatchObject({ prefill, ttftInterval: interval, maxSequences: best.maxSequences });
    expect(bare).toMatchObject({ maxSequences: null, prefill: { replicas: null }, tpotInterval: { low: null } });
    for (const name of ["prefill", "ttftInterval", "tpotInterval"] as const) {
      expect(Object.keys(bare[name] as object)).toEqual(Object.keys(full[name] as object));
    }
  });
});
