/**
 * Latent attention (MLA). Absorbed, for decoding: all heads share one row of latent and rope elements, by tiles of 64 queries × 64 rows.
 *   U       batch × ⌈heads × query tokens / 64⌉        T  ⌈context / 64⌉        S  min(T, mostSplits)
 *   s       splits taken: max(1, min(processors / U, S, √(T tile / combine)))
 *   tile    tileShare × 2 · 64 · 64 (2 latent + rope) FLOPs at one processor's share of the peak
 *   chain   max(T / s, T U / processors) tile + (s − 1) combine          blocks  max(1, U / processors) block
 *   memory  (rows once, queries, outputs) / (efficiency × read ceiling), of which cacheSpeed times less what cached-share.ts finds
 *   seconds start + split (1 − 1 / S) + sequence × min(batch, 512) + query pass + knee(knee(memory, chain), blocks)
 * Else, for prefill, each head has keys of nope and rope and values of its own, causal, in blocks of 128 × 128:
 *   tile    tileShare × 2 · 128 · 128 (nope + rope + value) FLOPs, likewise
 *   waves   knee(batch × heads × (n block + visited tile) / processors, block + (o + n) tile): n, o, visited as in prefill-attention.ts
 *   seconds start + append + query pass + knee((queries, keys, values, outputs) / (efficiency × read ceiling), waves)
 * The query pass is queryTraffic times the bytes of queries and outputs (of prefill: keys and values too): kernels that turn and
 * quantise them. Append: latent rows of the new tokens, read and written, and a cost a token. The two modes are fitted apart.
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import { cachedShare } from "./cached-share.ts";
import { causalTiles } from "./causal-tiles.ts";
import { formParameter } from "./form-parameter.ts";
import type { LatentAttentionCall } from "./kernel-calls.ts";

const decodeTile = 64;
const prefillTile = 128;
const walkedSequences = 512;

const parameters: readonly FormParameter[] = [
  formParameter("startSeconds", "start-up of the kernel", "s", 1e-7, 1e-3, 8e-6),
  formParameter("blockSeconds", "start and end of a block", "s", 1e-9, 1e-4, 2e-6),
  formParameter("tileShare", "time of a tile, in that of its matrix products", "number", 1, 50, 1.1),
  formParameter("combineSeconds", "joining one more split", "s", 1e-10, 1e-6, 1e-7),
  formParameter("splitSeconds", "the second kernel, which joins the splits", "s", 1e-9, 1e-4, 2e-6),
  formParameter("mostSplits", "splits of a sequence's rows at most", "number", 1, 1024, 64),
  formParameter("bandwidthEfficiency", "share of the read ceiling", "share", 0.1, 1.03, 0.95),
  formParameter("cacheSpeed", "the cache's bandwidth over the memory's", "number", 1, 6, 2),
  formParameter("cacheShare", "share of the cache that still holds the last call's rows", "share", 1e-2, 1, 0.6),
  formParameter("memoryKnee", "how little memory and products overlap where alike", "share", 1e-3, 1, 0.2),
  formParameter("blockKnee", "how little the starts of blocks overlap with them", "share", 1e-3, 1, 0.5),
  formParameter("waveKnee", "how much the longest block adds where alike to all work", "share", 1e-3, 1, 0.4),
  formParameter("sequenceSeconds", "the scheduler's walk, a sequence", "s", 1e-12, 1e-5, 1e-8),
  formParameter("queryTraffic", "passes over queries and outputs besides the kernel's", "number", 1e-3, 50, 0.5),
  formParameter("appendTraffic", "cache write, in its counted bytes", "number", 1e-3, 50, 1),
  formParameter("tokenSeconds", "cache write, a token", "s", 1e-13, 1e-6, 1e-9),
];

/** @example at the first starts an H100 prefills long prompts of 128 heads of 192 and 128 at 803e12 / 1.1 = 730 TFLOP/s */
export const latentAttention: KernelForm<LatentAttentionCall> = { kind: "latent-attention", parameters, time };

function time(values: ArrayLike<number>, call: LatentAttentionCall, machine: KernelMachine, into: KernelTime): void {
  if (call.absorbed) absorbed(values, call, machine, into);
  else expanded(values, call, machine, into);
  into.linkSeconds = 0;
}

function absorbed(
  values: ArrayLike<number>,
  call: LatentAttentionCall,
  machine: KernelMachine,
  into: KernelTime,
): void {
  const { batch, heads, queryTokens, context, latentDim, ropeDim } = call;
  const { processors, bytesPerSecond } = machine;
  const work = batch * Math.ceil((heads * queryTokens) / decodeTile);
  const tiles = Math.max(1, Math.ceil(context / decodeTile));
  const tileFlops = 2 * decodeTile * decodeTile * (2 * latentDim + ropeDim);
  const tileSeconds = (values[2]! * tileFlops * processors) / call.peakFlopsPerSecond;
  const mostSplits = Math.max(1, Math.min(tiles, values[5]!));
  const combineSeconds = values[3]!;
  const worthwhile = Math.sqrt((tiles * tileSeconds) / combineSeconds);
  const splits = Math.max(1, Math.min(processors / work, mostSplits, worthwhile));
  const chainSeconds =
    Math.max(tiles / splits, (tiles * work) / processors) * tileSeconds + (splits - 1) * combineSeconds;
  const blockSeconds = Math.max(1, work / processors) * values[1]!;

  const queryBytes = batch * heads * queryTokens * (2 * latentDim + ropeDim) * call.activationBytesPerElement;
  const bytes = batch * context * (latentDim + ropeDim) * call.kvBytesPerElement + queryBytes;
  const cached = call.cold ? 0 : cachedShare(bytes, values[8]! * machine.cacheBytes);
  const memorySeconds = (bytes * (1 - cached * (1 - 1 / values[7]!))) / (values[6]! * bytesPerSecond);
  const passSeconds = (values[13]! * queryBytes) / bytesPerSecond;
  const walkSeconds = values[12]! * Math.min(batch, walkedSequences);
  const startSeconds = values[0]! + values[4]! * (1 - 1 / mostSplits) + walkSeconds;

  const busySeconds = smoothKnee(memorySeconds, chainSeconds, values[9]!);
  into.seconds = startSeconds + passSeconds + smoothKnee(busySeconds, blockSeconds, values[10]!);
  into.startSeconds = startSeconds;
  into.memorySeconds = memorySeconds + passSeconds;
  into.computeSeconds = Math.max(chainSeconds, blockSeconds);
}

function expanded(
  values: ArrayLike<number>,
  call: LatentAttentionCall,
  machine: KernelMachine,
  into: KernelTime,
): void {
  const { batch, heads, queryTokens, context, activationBytesPerElement } = call;
  const { processors, bytesPerSecond } = machine;
  const keyDim = call.nopeDim + call.ropeDim;
  const blocks = Math.max(1, Math.ceil(queryTokens / prefillTile));
  const shared = Math.ceil(Math.max(0, context - queryTokens) / prefillTile);
  const tileFlops = 2 * prefillTile * prefillTile * (keyDim + call.valueDim);
  const tileSeconds = (values[2]! * tileFlops * processors) / call.peakFlopsPerSecond;
  const work = (batch * heads) / processors;
  const allSeconds = work * (blocks * values[1]! + causalTiles(blocks, shared, Infinity) * tileSeconds);
  const longestSeconds = values[1]! + (shared + blocks) * tileSeconds;
  const computeSeconds = smoothKnee(allSeconds, longestSeconds, values[11]!);

  const bytes = batch * heads * (keyDim + call.valueDim) * (queryTokens + context) * activationBytesPerElement;
  const newElements = batch * queryTokens * (call.latentDim + call.ropeDim);
  const appendBytes = newElements * (activationBytesPerElement + call.kvBytesPerElement);
  const passSeconds = (values[13]! * bytes + values[14]! * appendBytes) / bytesPerSecond;
  const appendSeconds = passSeconds + values[15]! * batch * queryTokens;
  const memorySeconds = bytes / (values[6]! * bytesPerSecond);

  into.seconds = values[0]! + appendSeconds + smoothKnee(memorySeconds, computeSeconds, values[9]!);
  into.startSeconds = values[0]!;
  into.memorySeconds = memorySeconds + appendSeconds;
  into.computeSeconds = computeSeconds;
}
