/** A row to be measured in a few words, for messages. */
import type { GridRow, MeasuredShape } from "./measured-shape.ts";
import { variantOfHeads } from "./measurement-row.ts";

/** @example "wasm, 2 threads: attention bf16 MHA 8/8 × 128, batch 1, context 4096, cold" */
export function describeGridRow({ shape, backend, threads, cold }: GridRow): string {
  const where = threads === null ? backend : `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  return `${where}: ${describeShape(shape)}, ${cold ? "cold" : "warm"}`;
}

/** @example "linear int8 1 × 1024 × 4096"; "residual fp32 1 × 1024" */
export function describeShape(shape: MeasuredShape): string {
  switch (shape.kind) {
    case "attention": {
      const heads = `${variantOfHeads(shape.heads, shape.kvHeads)} ${shape.heads}/${shape.kvHeads} × ${shape.headDim}`;
      return `attention ${shape.dtype} ${heads}, batch ${shape.batch}, context ${shape.context}`;
    }
    case "linear":
      return `linear ${shape.dtype} ${shape.m} × ${shape.k} × ${shape.n}`;
    case "elementwise":
      return `${shape.op} ${shape.dtype} ${shape.rows} × ${shape.features}`;
    case "steps": {
      const heads = `${variantOfHeads(shape.heads, shape.kvHeads)} ${shape.heads}/${shape.kvHeads}`;
      const formats = shape.kvDtype === shape.dtype ? shape.dtype : `${shape.dtype}, K/V ${shape.kvDtype}`;
      return `step of ${shape.model} ${heads} ${formats}, batch ${shape.batch}, context ${shape.context}`;
    }
  }
}
