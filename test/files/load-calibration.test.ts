import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileHash } from "../../src/files/file-hash.ts";
import { loadFitFile, shippedCalibrations } from "../../src/files/load-calibration.ts";
import { jsonFit } from "../fixtures/fit-json.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const csv = "a,b\n1,2\n";
const sha256 = createHash("sha256").update(csv).digest("hex");

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("fileHash", () => {
  it("is the SHA-256 of the file's bytes", async () => {
    // Published test vector of FIPS 180-2.
    expect(await fileHash(write("abc", "abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    await expect(fileHash(join(folder, "none"))).rejects.toThrow(/^invalid table: .*no such file/);
  });
});

describe("loadFitFile", () => {
  it("has nothing to say where the tables beside it are those of the fit, or lie elsewhere", async () => {
    const path = write("fit.json", jsonFit({ tables: [{ name: "linear.csv", sha256, rows: 1 }] }));
    expect((await loadFitFile(path)).notes).toEqual([]);
    write("linear.csv", csv);
    const { calibration, notes } = await loadFitFile(path);
    expect(notes).toEqual([]);
    expect(calibration.id).toBe("made-up");
  });

  it("says which table changed since", async () => {
    write("linear.csv", `${csv}3,4\n`);
    const path = write("fit.json", jsonFit({ tables: [{ name: "linear.csv", sha256, rows: 1 }] }));
    expect((await loadFitFile(path)).notes).toEqual([
      "linear.csv changed since the fit: run `ridgepoint calibrate` again",
    ]);
    // A name is looked for beside the fit alone.
    const outside = write("fit.json", jsonFit({ tables: [{ name: "../../linear.csv", sha256, rows: 1 }] }));
    expect((await loadFitFile(outside)).notes).toHaveLength(1);
  });

  it("refuses a file that is missing, no JSON, or no fit", async () => {
    await expect(loadFitFile(join(folder, "none.json"))).rejects.toThrow(/^invalid fit: .*no such file/);
    await expect(loadFitFile(write("nan.json", jsonFit().replace("0.95", "NaN")))).rejects.toThrow(
      /readEfficiency: null/,
    );
    await expect(loadFitFile(write("half.json", jsonFit().slice(0, 200)))).rejects.toThrow(/half\.json/);
    await expect(loadFitFile(write("other.json", "{}"))).rejects.toThrow(/^invalid /);
  });
});

describe("shippedCalibrations", () => {
  it("are of machines that have a profile, those of measurements here first, and know what they were made of", () => {
    const shipped = shippedCalibrations();
    expect(shipped[0]?.hardware).toBe("h100-sxm");
    for (const { id, origin, kernels } of shipped) {
      expect(origin?.tables.length, id).toBeGreaterThan(0);
      expect(kernels.length, id).toBeGreaterThan(0);
    }
  });
});
