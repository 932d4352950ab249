import { afterAll, describe, vi } from "vitest";
import { findNodeGpu } from "../../../src/kernels/webgpu/found-gpu-node.ts";
import { webgpuBackend } from "../../../src/kernels/webgpu/webgpu-backend.ts";
import { conformance } from "../conformance.ts";
import { stepConformance } from "../step-conformance.ts";
import { requireAdapter } from "./require-adapter.ts";

const backend = webgpuBackend(findNodeGpu);
const plain = webgpuBackend(findNodeGpu, { subgroups: false, timestamps: false });
afterAll(() => Promise.all([backend.close(), plain.close()]));
const { missing, title } = await requireAdapter(backend);

// A software adapter compiles each shape's kernels in tens of milliseconds, so that cases are few and may take their time.
vi.setConfig({ testTimeout: 60_000 });
describe.skipIf(missing)(title, () => {
  conformance("webgpu", backend, { formats: ["f32", "f16", "bf16", "int8"], cases: 3 });
  conformance("webgpu without subgroups", plain, { formats: ["f32"], cases: 2 });
  stepConformance("webgpu", backend, { formats: ["fp32", "fp16", "bf16", "int8"], cases: 2 });
});
