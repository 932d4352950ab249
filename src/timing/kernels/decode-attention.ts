/**
 * Decode attention: one query token a sequence over its cached rows, by blocks that walk through tiles of 128 rows (flash-decoding).
 *   d       ⌈head size / 64⌉ / 2        g  ⌈query heads a K/V head / 64⌉        U  batch × K/V heads × g, the work without splits
 *   T       ⌈rows / 128⌉ tiles, one more under a window, which cuts its first tile
 *   S       most splits that a sequence's rows may take: min(T, mostSplits)          P  processors × blocksPerProcessor
 *   s       splits taken: max(1, min(P / U, S, √(T tile / combine)))
 *   tile    (tileShare + wideTileShare d³) × 4 · 64 · 128 · 128 FLOPs at one processor's share of the peak
 *   chain   max(T / s, T U / P) tile + (s − 1) combine          blocks  max(1, U / processors) (block + d wideBlock)
 *   memory  bytes (1 − c (1 − 1 / cacheSpeed)) / (efficiency × read ceiling); bytes: K and V once, queries, outputs
 *   c       1 / (1 + (bytes / (cacheShare × cache))⁸): the share that the call before left in the last-level cache; 0 of a cold call
 *   seconds start + split (1 − 1 / S) + sequence × min(batch, 512) + regroup + partial sums + knee(knee(memory, chain), blocks)
 * Partial sums: fp32 outputs of min(P, U S) blocks, written and read. Monotone in batch, rows, K/V heads at a fixed group and bytes:
 * s is never above where one more split costs as much as it saves. Sources: Dao et al. 2023 (flash-decoding); FlashAttention's split heuristics.
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import { cachedShare } from "./cached-share.ts";
import { formParameter } from "./form-parameter.ts";
import type { DecodeAttentionCall } from "./kernel-calls.ts";

const tileRows = 128;
const tileQueries = 64;
/** FLOPs of one tile at a head size of 128. */
const tileFlops = 4 * tileQueries * tileRows * 128;
/** Beyond so many sequences the walk through their list hides behind the work. */
const walkedSequences = 512;

const parameters: readonly FormParameter[] = [
  formParameter("startSeconds", "start-up of the kernel", "s", 1e-7, 1e-3, 8e-6, 5e-6),
  formParameter("blockSeconds", "start and end of a block", "s", 1e-9, 1e-4, 2e-6, 2e-7),
  formParameter("wideBlockSeconds", "what 128 elements of head size add to it", "s", 1e-9, 1e-4, 1e-6, 2e-7),
  formParameter("tileShare", "time of a tile, in that of its matrix products", "number", 1e-3, 50, 0.2, 0.3),
  formParameter("wideTileShare", "what (head size / 128)³ adds to it", "number", 1e-3, 50, 0.1, 0.1),
  formParameter("combineSeconds", "joining one more split", "s", 1e-10, 1e-6, 1e-7),
  formParameter("splitSeconds", "the second kernel, which joins the splits", "s", 1e-9, 1e-4, 3e-6, 1.5e-6),
  formParameter("partialTraffic", "traffic of partial sums, in their counted bytes", "number", 1e-3, 10, 1),
  formParameter("blocksPerProcessor", "blocks that a processor holds", "number", 1, 16, 1, 4),
  formParameter("mostSplits", "splits of a sequence's rows at most", "number", 1, 1024, 32, 64),
  formParameter("mostSplitsUngrouped", "the same where a K/V head serves one query head", "number", 1, 1024, 1024),
  formParameter("regroupSeconds", "copying queries into groups and outputs back", "s", 1e-9, 1e-4, 1e-7),
  formParameter("bandwidthEfficiency", "share of the read ceiling", "share", 0.1, 1.03, 0.95, 0.93),
  formParameter("cacheSpeed", "the cache's bandwidth over the memory's", "number", 1, 6, 2),
  formParameter("cacheShare", "share of the cache that still holds the last call's rows", "share", 1e-2, 1, 0.7, 0.5),
  formParameter("tileKnee", "how little memory and tiles overlap where alike", "share", 1e-3, 1, 0.4, 0.8),
  formParameter("blockKnee", "how little the starts of blocks overlap with them", "share", 1e-3, 1, 0.5, 0.8),
  formParameter("sequenceSeconds", "the scheduler's walk, a sequence", "s", 1e-12, 1e-5, 2e-8, 2e-8),
  formParameter("windowBlocks", "what a window adds to a block, in blocks", "number", 1e-3, 10, 0.6),
];

/** @example at the first starts, but tileKnee 0.001, an H100 reads many rows cold at 2.93e12 bytes/s, 95 % of 3.085e12 */
export const decodeAttention: KernelForm<DecodeAttentionCall> = { kind: "decode-attention", parameters, time };

function time(values: ArrayLike<number>, call: DecodeAttentionCall, machine: KernelMachine, into: KernelTime): void {
  const { batch, heads, kvHeads, headDim, rows } = call;
  const { processors, bytesPerSecond } = machine;
  const group = heads / kvHeads;
  const queryTiles = Math.ceil(group / tileQueries);
  const width = Math.ceil(headDim / 64) / 2;
  const work = batch * kvHeads * queryTiles;
  const tiles = Math.max(1, Math.ceil(rows / tileRows)) + (call.windowed ? 1 : 0);
  const places = processors * values[8]!;

  const tileSeconds =
    ((values[3]! + values[4]! * width * width * width) * tileFlops * processors) / call.peakFlopsPerSecond;
  const mostSplits = Math.max(1, Math.min(tiles, group === 1 ? Math.min(values[9]!, values[10]!) : values[9]!));
  const combineSeconds = values[5]!;
  const worthwhile = Math.sqrt((tiles * tileSeconds) / combineSeconds);
  const splits = Math.max(1, Math.min(places / work, mostSplits, worthwhile));
  const chainSeconds = Math.max(tiles / splits, (tiles * work) / places) * tileSeconds + (splits - 1) * combineSeconds;
  const oneBlock = (values[1]! + values[2]! * width) * (call.windowed ? 1 + values[18]! : 1);
  const blockSeconds = Math.max(1, work / processors) * oneBlock;

  const queryBytes = 2 * batch * heads * headDim * call.activationBytesPerElement;
  const bytes = 2 * batch * kvHeads * rows * headDim * call.kvBytesPerElement + queryBytes;
  const cached = call.cold ? 0 : cachedShare(bytes, values[14]! * machine.cacheBytes);
  const memorySeconds = (bytes * (1 - cached * (1 - 1 / values[13]!))) / (values[12]! * bytesPerSecond);
  const joined = 1 - 1 / mostSplits;
  const partialBytes = 8 * headDim * (group / queryTiles) * Math.min(places, work * mostSplits) * joined;
  const partialSeconds = (values[7]! * partialBytes) / bytesPerSecond;

  const regroupSeconds = group > 1 && kvHeads > 1 && batch > 1 ? values[11]! : 0;
  const walkSeconds = values[17]! * Math.min(batch, walkedSequences);
  const startSeconds = values[0]! + values[6]! * joined + regroupSeconds + walkSeconds;
  const busySeconds = smoothKnee(memorySeconds, chainSeconds, values[15]!);
  into.seconds = startSeconds + partialSeconds + smoothKnee(busySeconds, blockSeconds, values[16]!);
  into.startSeconds = startSeconds;
  into.memorySeconds = memorySeconds + partialSeconds;
  into.computeSeconds = Math.max(chainSeconds, blockSeconds);
  into.linkSeconds = 0;
}
