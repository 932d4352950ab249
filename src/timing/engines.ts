/** The execution profiles that ship, by id. */
import type { EngineId, ExecutionProfile } from "./execution-profile.ts";

const nothing = { stepSeconds: 0, sequenceSeconds: 0, layerSeconds: 0, launchSeconds: 0 };

/** Residual additions run inside the norm that follows them. */
const residualInNorm = { residual: "the norm that follows" };

export const executionProfiles: Readonly<Partial<Record<EngineId, ExecutionProfile>>> = {
  "pytorch-graph": {
    id: "pytorch-graph",
    name: "PyTorch with CUDA graphs, small kernels fused by torch.compile",
    launch: "graph",
    kernels: { "decode-attention": ["triton"] },
    fused: residualInNorm,
    constants: nothing,
    source: null,
  },
};
