import { describe, expect, it } from "vitest";
import { mostReplicas, mostUsers, simulatedLayout } from "../../src/cli/simulated-layout.ts";
import { format, planMachine, planQuestion } from "../fixtures/plan-question.ts";

describe("simulatedLayout", () => {
  it("is one device and one replica unless told, and has room for the layout that was told", () => {
    const { question, machine, replicas } = simulatedLayout(planQuestion());
    expect(question.limits).toMatchObject({ devices: 1, tensor: [1], pipeline: [1], expert: [1] });
    expect([machine.hardware.id, replicas]).toEqual(["h100-sxm", 1]);
    const told = planQuestion({ limits: { tensor: [4], pipeline: [2], replicaCounts: [3], devices: 1 } });
    const layout = simulatedLayout(told);
    expect(layout.question.limits).toMatchObject({ devices: 8, tensor: [4], pipeline: [2] });
    expect(layout.replicas).toBe(3);
  });

  it.each([
    [{ limits: { tensor: [1, 2] } }, "invalid tensorParallel: 1,2 (wants one number: a simulation runs one fleet)"],
    [{ limits: { pipeline: [1, 2] } }, "invalid pipelineParallel: 1,2 (wants one number"],
    [{ limits: { expert: [1, 2] } }, "invalid expertParallel: 1,2 (wants one number"],
    [{ limits: { replicaCounts: [2, 3] } }, "invalid replicas: 2,3 (wants one number"],
    [
      { weights: [null, format("fp8")] },
      "invalid weights: its own,fp8 (wants one format: a simulation runs one fleet)",
    ],
    [{ kvCaches: [format("bf16"), format("fp8")] }, "invalid kvCache: bf16,fp8 (wants one format"],
    [
      { machines: [planMachine("h100-sxm"), planMachine("h200")] },
      "invalid hardware: h100-sxm,h200 (wants one kind of device: a simulation runs one fleet)",
    ],
    [{ limits: { tensor: [3] } }, "invalid tensorParallel: 3 (must divide heads 32)"],
    [
      { machines: [planMachine("i9-13900k")], limits: { tensor: [2] } },
      "invalid hardware: i9-13900k (has no link to other devices, and 2 are asked for)",
    ],
    [
      { limits: { replicaCounts: [mostReplicas + 1] } },
      "invalid replicas: 10001 (wants at most 10,000 in a simulation)",
    ],
    [
      { load: { kind: "users" as const, amount: mostUsers + 1 } },
      "invalid users: 1000001 (wants at most 1,000,000 in a simulation)",
    ],
  ])("refuses %#: %s", (changes, message) => {
    expect(() => simulatedLayout(planQuestion(changes))).toThrow(message);
  });

  it("takes as many replicas and users as it says", () => {
    const most = planQuestion({
      limits: { replicaCounts: [mostReplicas] },
      load: { kind: "users", amount: mostUsers },
    });
    expect(simulatedLayout(most).replicas).toBe(10_000);
  });
});
