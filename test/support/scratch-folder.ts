/** A folder of a test file's own, there while its tests run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

export interface ScratchFolder {
  /** Its path; empty before the tests run. */
  readonly path: () => string;
  /** Writes a file into it and gives its path. */
  readonly written: (name: string, text: string) => string;
}

/** To be called at the top of a test file. */
export function scratchFolder(): ScratchFolder {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    path: () => folder,
    written(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
  };
}
