/**
 * How a workgroup attends: which rows it holds at a time and what each thread keeps, from the shape and the device's limits.
 *
 * A workgroup takes N queries that share a K/V head and walks over a span of rows, R at a time. A tile of R rows is brought
 * into workgroup memory once for all N queries: keys, from which thread (r, slot) makes logits, then values, from which thread
 * (d, part) adds up quad d of the outputs. Where there are fewer queries than slots, slots share a logit's quads and parts
 * share a tile's rows, so that every thread works in MHA (N = 1) and in MQA (N = all heads) alike.
 */
import { type GpuTraits, powerOfTwoAbove, powerOfTwoBelow } from "./gpu-traits.ts";

export interface AttentionGeometry {
  readonly threads: number;
  /** Quads of a row: headDim / 4, rounded up. */
  readonly quads: number;
  /** N: queries of a workgroup. */
  readonly queries: number;
  /** Workgroups that share a span because its queries are too many for one. */
  readonly blocks: number;
  /** R: rows of a tile. */
  readonly rows: number;
  /** Quads from one row of a tile to the next, odd so that threads on neighbouring rows use different banks. */
  readonly stride: number;
  /** Queries that the threads of a row make logits of at a time, and parts that a logit's quads are cut into. */
  readonly querySlots: number;
  readonly logitParts: number;
  /** Queries that a thread makes logits of. */
  readonly logitsPerThread: number;
  /** Queries whose outputs are added up at a time, and parts of a tile's rows. */
  readonly outputSlots: number;
  readonly rowParts: number;
  /** Queries that a thread adds outputs of up. */
  readonly outputsPerThread: number;
  /** Workgroup memory taken. */
  readonly bytes: number;
}

/** Quads of output that a thread keeps in registers at most. */
const mostOutputs = 16;
const mostRows = 32;
const leastRows = 2;

/** Null where even one query and the fewest rows don't fit the device. */
export function attentionGeometry(headDim: number, queries: number, traits: GpuTraits): AttentionGeometry | null {
  const quads = Math.ceil(headDim / 4);
  const most = powerOfTwoBelow(traits.workgroupThreads);
  const threads = Math.min(most, Math.max(queries > 8 ? 256 : 128, powerOfTwoAbove(quads)));
  if (quads > threads) return null;
  const held = mostOutputs * Math.floor(threads / quads);
  for (let blocks = Math.ceil(queries / held); blocks <= queries; blocks++) {
    const each = Math.ceil(queries / blocks);
    for (let rows = Math.min(mostRows, threads); rows >= leastRows; rows /= 2) {
      const geometry = laidOut(quads, each, Math.ceil(queries / each), rows, threads);
      if (geometry.bytes <= traits.workgroupBytes) return geometry;
    }
  }
  return null;
}

function laidOut(quads: number, queries: number, blocks: number, rows: number, threads: number): AttentionGeometry {
  const stride = quads | 1;
  const slots = threads / rows;
  const querySlots = Math.min(slots, powerOfTwoAbove(queries));
  const logitParts = Math.min(slots / querySlots, powerOfTwoAbove(quads));
  const places = Math.floor(threads / quads);
  const outputSlots = Math.min(places, queries);
  const tileQuads = Math.max(rows * stride, threads);
  const logits = queries * rows;
  return {
    threads,
    quads,
    queries,
    blocks,
    rows,
    stride,
    querySlots,
    logitParts,
    logitsPerThread: Math.ceil(queries / querySlots),
    outputSlots,
    rowParts: Math.min(rows, Math.floor(places / outputSlots)),
    outputsPerThread: Math.ceil(queries / outputSlots),
    bytes: 16 * tileQuads + 4 * (logits + Math.max(logitParts * logits, threads) + 3 * queries),
  };
}
