/** The audit on tables that other projects published, where they lie beside the project; they are no part of it. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labelledProfiles } from "../../src/files/labelled-profiles.ts";
import { loadMeasurementTables } from "../../src/files/load-measurement-table.ts";
import { auditTables, possibleTables } from "../../src/validation/audit.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";

const shared = join(import.meta.dirname, "..", "..", "..", "shared");
const tables = join(shared, "peer-tables");
const machines = { h100_sxm: "h100-sxm", a100_sxm: "a100-80g-sxm" } as const;
const faulty = join("attention", "trtllm");

function parquetFiles(machine: keyof typeof machines): string[] {
  const names = readdirSync(join(tables, machine), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".parquet")).sort();
}

describe.skipIf(!existsSync(tables))("aiconfigurator's tables", () => {
  it.each(["h100_sxm", "a100_sxm"] as const)(
    "of %s have no error but one file's",
    async (machine) => {
      for (const name of parquetFiles(machine).filter((each) => !each.startsWith(faulty))) {
        const loaded = await loadMeasurementTables([join(tables, machine, name)]);
        const audit = auditTables(loaded, hardwareProfile(machines[machine]), { profiles: labelledProfiles() });
        expect([name, audit.errors, audit.leftOut, audit.notes]).toEqual([name, 0, 0, []]);
        // Experts alone leave a doubt: how many of them the tokens touched.
        if (!name.startsWith("moe")) expect([name, audit.warnings]).toEqual([name, 0]);
      }
    },
    60_000,
  );

  it("of TensorRT-LLM's decode attention hold hundreds of rows above the memory's bandwidth", async () => {
    const name = parquetFiles("h100_sxm").find((each) => each.startsWith(faulty)) ?? "";
    const loaded = await loadMeasurementTables([join(tables, "h100_sxm", name)]);
    const audit = auditTables(loaded, hardwareProfile("h100-sxm"));
    const large = new Set(
      loaded[0]?.rows.flatMap((row) => {
        if (row.kind !== "attention") return [];
        const bytes = 2 * row.batch * row.kvHeads * row.headDim * Math.min(row.context, row.window ?? row.context);
        return bytes * (row.kvDtype === "fp8" ? 1 : 2) >= 4e8 ? [row.line] : [];
      }),
    );
    expect(audit.findings.filter(({ line }) => large.has(line))).toHaveLength(718);
    const { tables: possible, impossible } = possibleTables(loaded, audit);
    expect(impossible[0]?.rows).toBe(audit.errors);
    expect(auditTables(possible, hardwareProfile("h100-sxm")).errors).toBe(0);
  });
});

describe.skipIf(!existsSync(join(shared, "published")))("published results of engines", () => {
  it("hold one row that is impossible as labelled", async () => {
    const names = ["trtllm-0.5-0.9", "rocm-vllm-docker", "local-llamacpp-gptfast-mlc"];
    const loaded = await loadMeasurementTables(names.map((name) => join(shared, "published", `${name}.csv`)));
    const { findings, notJudged } = auditTables(loaded, null, { profiles: labelledProfiles() });
    expect(findings).toHaveLength(1);
    const row = loaded[0]?.rows.find(({ line }) => line === findings[0]?.line);
    expect(row).toMatchObject({ model: "Mixtral 8x7B", gpu: "A100-SXM-80GB", dtype: "fp16", tp: 2, concurrency: 32 });
    // Most rows are judged; the others say why not.
    expect(notJudged.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(120);
  });

  it("runs of aiconfigurator's engines have none", async () => {
    const loaded = await loadMeasurementTables([join(tables, "engine-runs.csv")]);
    const audit = auditTables(loaded, null, { profiles: labelledProfiles() });
    expect([audit.rows, audit.findings, audit.notJudged]).toEqual([804, [], []]);
  });
});
