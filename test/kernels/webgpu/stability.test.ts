/** Thousands of dispatches and allocations in a process of their own, whose memory must not grow. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { describe, expect, it } from "vitest";
import { findNodeGpu } from "../../../src/kernels/webgpu/found-gpu-node.ts";
import { webgpuBackend } from "../../../src/kernels/webgpu/webgpu-backend.ts";
import { requireAdapter } from "./require-adapter.ts";

const backend = webgpuBackend(findNodeGpu);
const { missing, title } = await requireAdapter(backend);
await backend.close();
const root = join(import.meta.dirname, "..", "..", "..");

/** Runs the script in test/kernels/webgpu/ of that name; answers what it prints, as JSON. */
async function runScript(name: string): Promise<{ code: number | null; signal: string | null; printed: unknown }> {
  // Inside the repository, so that the package webgpu is found from there.
  const folder = mkdtempSync(join(root, "node_modules", ".stability-"));
  try {
    const build = await rolldown({
      input: join(import.meta.dirname, name),
      platform: "node",
      external: ["vitest", "fast-check"],
      onLog: () => {},
    });
    await build.write({ dir: folder, entryFileNames: "script.mjs", format: "es", codeSplitting: false });
    await build.close();
    const { status, signal, stdout } = spawnSync(process.execPath, [join(folder, "script.mjs")], {
      encoding: "utf8",
      timeout: 100_000,
    });
    return { code: status, signal, printed: JSON.parse(stdout === "" ? "null" : stdout) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(missing)(title, () => {
  it("runs 10,000 dispatches and allocates again and again in flat memory, and the process ends by itself", async () => {
    const { code, signal, printed } = await runScript("stability-script.ts");
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    const { answersEqual, runBytes, allocationBytes } = printed as Record<string, unknown>;
    expect(answersEqual).toBe(true);
    // Resident bytes grown between 2,000 and 10,000 dispatches, and over 40 allocations of 16 MB after the first 20.
    expect(runBytes).toBeLessThan(32e6);
    expect(allocationBytes).toBeLessThan(100e6);
  }, 120_000);
});
