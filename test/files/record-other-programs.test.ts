import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { recordOtherPrograms } from "../../src/files/record-other-programs.ts";

const folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
afterAll(() => rm(folder, { recursive: true }));

test("keeps the most of all runs beside what machine.json says", async () => {
  const path = join(folder, "machine.json");
  await writeFile(path, JSON.stringify({ label: "mine", cores: 2 }));
  const after = async (share: number): Promise<unknown> => {
    await recordOtherPrograms(folder, share);
    return JSON.parse(await readFile(path, "utf8"));
  };
  expect(await after(0.1234)).toEqual({ label: "mine", cores: 2, otherProgramsPercent: 12.3 });
  expect(await after(0.05)).toMatchObject({ otherProgramsPercent: 12.3 });
  expect(await after(0.5)).toMatchObject({ otherProgramsPercent: 50 });
});
