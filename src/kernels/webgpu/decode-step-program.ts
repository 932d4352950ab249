/**
 * A whole decode step as one program, and so one submission: embedding, layers, logits, over weights and caches that are drawn
 * as reference-decoder.ts draws them. Activations are float32. Every run computes the same step: the new rows go to the same
 * places of the caches.
 */
import { embeddingWidth } from "../../architecture/weights.ts";
import type { DecodeStepWork } from "../kernel.ts";
import type { DecoderWeights } from "../reference/decoder-weights.ts";
import { drawnDecoderWeights } from "../reference/drawn-weights.ts";
import { DecodeStepFrame } from "./decode-step-frame.ts";
import { addLayer } from "./decode-step-layer.ts";
import { decodeStepRefusal, storedFormat } from "./decode-step-refusal.ts";
import { DecodeStepTensors } from "./decode-step-tensors.ts";
import { embeddingKernel, embeddingWorkgroups } from "./embedding-kernel.ts";
import { floatsReader, type GpuBufferPlan, type GpuProgram, GpuProgramBuilder } from "./gpu-program.ts";
import { type GpuTraits, workgroupGrid } from "./gpu-traits.ts";
import type { StoredMatrix } from "./linear-program.ts";

/** The program, or why there is none. */
export function decodeStepProgram(work: DecodeStepWork, traits: GpuTraits): GpuProgram | string {
  const refusal = decodeStepRefusal(work);
  if (refusal !== null) return refusal;
  const { model, options, batch: tokens, context } = work;
  const builder = new GpuProgramBuilder(traits);
  const tensors = new DecodeStepTensors(builder, options.weights?.id === "fp16" ? "f16" : "bf16");
  const cacheFormat = storedFormat(options.kvCache.id) ?? "f32";
  const frame = new DecodeStepFrame({ builder, tensors, model, tokens, context, cacheFormat });
  const drawn = drawnDecoderWeights(model, options);
  const chosen = builder.buffer("tokens", 4 * tokens, "drawn");
  const x = embedded(frame, drawn, chosen);
  for (const layer of drawn.layers) {
    const reason = addLayer(frame, layer, x);
    if (reason !== null) return reason;
  }
  const logits = outputLogits(frame, drawn, x);
  const output = { buffers: [logits], read: floatsReader(tokens * model.vocab) };
  return builder.program(output, { draw: tensors.draw(work, cacheFormat, chosen) });
}

/** The tokens' rows of the table with their positions added, as wide as the residual stream. */
function embedded(frame: DecodeStepFrame, w: DecoderWeights, chosen: GpuBufferPlan): GpuBufferPlan {
  const { model, tensors, tokens, context } = frame;
  const width = embeddingWidth(model);
  const x = frame.rows("residual stream", model.dModel);
  const found = w.embeddingProjection === null ? x : frame.rows("embedding", width);
  lookUp(frame, tensors.matrix(w.table, width, model.vocab), chosen, found);
  if (w.embeddingProjection !== null) frame.linear(tensors.linear(w.embeddingProjection), found, x);
  if (w.positions !== null) {
    const own = frame.rows("positions", model.dModel);
    const places = frame.builder.words("positions' rows", new Array<number>(tokens).fill(context - 1));
    lookUp(frame, tensors.matrix(w.positions, model.dModel, model.positions), places, own);
    frame.add(x, own);
  }
  if (w.embeddingNorm !== null) frame.norm(tensors.norm(w.embeddingNorm), x, x);
  return x;
}

function lookUp(frame: DecodeStepFrame, table: StoredMatrix, chosen: GpuBufferPlan, output: GpuBufferPlan): void {
  const { builder, tokens } = frame;
  for (const { firstRow, rows, weights, scales } of table.parts) {
    const shape = { tokens, width: table.inFeatures, format: table.format, firstRow, rows };
    const buffers = [chosen, weights, output, ...(scales === null ? [] : [scales])];
    builder.dispatch(embeddingKernel(shape), buffers, workgroupGrid(embeddingWorkgroups(shape), builder.traits));
  }
}

function outputLogits(frame: DecodeStepFrame, w: DecoderWeights, x: GpuBufferPlan): GpuBufferPlan {
  const { model, tensors } = frame;
  let last = x;
  if (w.finalNorm !== null) {
    last = frame.rows("normed", model.dModel);
    frame.norm(tensors.norm(w.finalNorm), x, last);
  }
  if (w.logitsProjection !== null) {
    const narrow = frame.rows("embedding", embeddingWidth(model));
    frame.linear(tensors.linear(w.logitsProjection), last, narrow);
    last = narrow;
  }
  const logits = frame.rows("logits", model.vocab);
  frame.linear(tensors.linear(w.head), last, logits);
  return logits;
}
