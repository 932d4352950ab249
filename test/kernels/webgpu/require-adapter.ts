/** Whether these tests have an adapter: without one they are skipped with the reason, or fail where CI says that there must be one. */
import type { Availability, KernelBackend } from "../../../src/kernels/kernel.ts";

export interface AdapterState {
  readonly missing: boolean;
  /** For the title of what needs the adapter. */
  readonly title: string;
}

export async function requireAdapter(backend: KernelBackend): Promise<AdapterState> {
  const found: Availability = await backend.availability();
  if (found.available) return { missing: false, title: "webgpu" };
  if (process.env["RIDGEPOINT_REQUIRE_WEBGPU"] === "1") throw new Error(`no WebGPU adapter: ${found.reason}`);
  return { missing: true, title: `webgpu, skipped: ${found.reason}` };
}
