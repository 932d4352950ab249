/** Every kind of operation, by its file's name. */
import { attentionCore } from "./attention-core.ts";
import { beamReorder } from "./beam-reorder.ts";
import { cacheAppend } from "./cache-append.ts";
import { collective } from "./collective.ts";
import { embeddingLookup } from "./embedding-lookup.ts";
import { feedForwardActivation } from "./feed-forward-activation.ts";
import { latentAbsorption } from "./latent-absorption.ts";
import { latentAttentionCore } from "./latent-attention-core.ts";
import { linearAttentionCore } from "./linear-attention-core.ts";
import { logits } from "./logits.ts";
import { mixtureOfExperts } from "./mixture-of-experts.ts";
import { normalization } from "./normalization.ts";
import type { OperationDefinition } from "./operation.ts";
import { projection } from "./projection.ts";
import { residual } from "./residual.ts";
import { rotaryEmbedding } from "./rotary-embedding.ts";
import { sparseIndexer } from "./sparse-indexer.ts";

export type OperationKind =
  | "attention-core"
  | "beam-reorder"
  | "cache-append"
  | "collective"
  | "embedding-lookup"
  | "feed-forward-activation"
  | "latent-absorption"
  | "latent-attention-core"
  | "linear-attention-core"
  | "logits"
  | "mixture-of-experts"
  | "normalization"
  | "projection"
  | "residual"
  | "rotary-embedding"
  | "sparse-indexer";

/** Fails to compile when a kind is forgotten; each takes its own shape. */
export const operationKinds: Readonly<Record<OperationKind, OperationDefinition<never>>> = {
  "attention-core": attentionCore,
  "beam-reorder": beamReorder,
  "cache-append": cacheAppend,
  collective,
  "embedding-lookup": embeddingLookup,
  "feed-forward-activation": feedForwardActivation,
  "latent-absorption": latentAbsorption,
  "latent-attention-core": latentAttentionCore,
  "linear-attention-core": linearAttentionCore,
  logits,
  "mixture-of-experts": mixtureOfExperts,
  normalization,
  projection,
  residual,
  "rotary-embedding": rotaryEmbedding,
  "sparse-indexer": sparseIndexer,
};
