import { describe, expect, it } from "vitest";
import { executionProfiles } from "../../src/timing/engines.ts";
import { engineIds } from "../../src/timing/execution-profile.ts";
import { formKinds } from "../../src/timing/operation-call.ts";

describe("executionProfiles", () => {
  it.each(engineIds)(
    "%s: bears its own id, takes kernels of engines that there are, and adds no negative time",
    (id) => {
      const profile = executionProfiles[id];
      expect(profile.id).toBe(id);
      expect(profile.kernelsOf.length).toBeGreaterThan(0);
      for (const engine of profile.kernelsOf) expect(engineIds).toContain(engine);
      for (const kind of Object.keys(profile.kernels)) expect(formKinds).toContain(kind);
      for (const constant of Object.values(profile.constants)) expect(constant).toBeGreaterThanOrEqual(0);
      const adds = Object.values(profile.constants).some((constant) => constant > 0);
      expect(profile.source !== null, "constants name their source").toBe(adds);
    },
  );

  it("the ideal engine adds nothing and starts nothing", () => {
    const { launch, constants } = executionProfiles.ideal;
    expect(launch).toBe("ideal");
    expect(Object.values(constants).every((constant) => constant === 0)).toBe(true);
  });
});
