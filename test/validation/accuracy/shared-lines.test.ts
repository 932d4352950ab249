/** A quick part of the accuracy report on others' tables, where they lie beside the project. */
import { describe, expect, test } from "vitest";
import { loadMeasurementTables } from "../../../src/files/load-measurement-table.ts";
import { executionProfiles } from "../../../src/timing/engines.ts";
import { ownTransferSpecs, peerTables, transferSpecs } from "../../../src/validation/accuracy/accuracy-specs.ts";
import { withSimpleErrors } from "../../../src/validation/accuracy/held-out-rows.ts";
import { kernelLines } from "../../../src/validation/accuracy/kernel-lines.ts";
import { calibrate } from "../../../src/validation/calibrate.ts";
import { measuredH100 } from "../../fixtures/measurements.ts";
import { hardwareProfile } from "../../fixtures/profiles.ts";
import { hasSharedTables, sharedTable } from "../../fixtures/shared-tables.ts";

const stated = hardwareProfile("h100-sxm");
const measured = measuredH100();
const limits = { "NCCL collectives": 12, "vLLM all-reduce": 12 };

describe.skipIf(!hasSharedTables)("others' tables, groups left out", () => {
  test.each(Object.entries(limits))(
    "%s: the median stays below %s per cent, and simpler formulas are further off",
    async (name, limit) => {
      const table = peerTables.find(({ specs }) => specs.some((each) => each.name === name))!;
      const tables = await loadMeasurementTables([sharedTable("h100_sxm", table.path)]);
      const result = calibrate({ id: "test", tables, stated, measured, profile: executionProfiles.vllm });
      const [line] = withSimpleErrors(kernelLines("tables", "", result, stated, table.specs), table.affine);
      const median = line!.errors.medianAbsolutePercentageError;
      expect(median).toBeLessThan(limit);
      for (const error of Object.values(line?.simple ?? {})) expect(error ?? 100).toBeGreaterThan(2 * median);
    },
  );
});

test("each line has a name of its own", () => {
  const names = [
    ...peerTables.flatMap(({ specs }) => specs),
    ...transferSpecs("datasheet", 20, 15),
    ...transferSpecs("read ceiling", 12, 10),
    ...ownTransferSpecs,
  ].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
