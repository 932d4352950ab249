/**
 * Prefill attention: query tokens, causal, over context rows, by blocks of 128 query rows that walk through tiles of 128 rows.
 *   d       ⌈head size / 64⌉ / 2            n  ⌈query tokens / 128⌉        o  ⌈(context − query tokens) / 128⌉ tiles that all see
 *   v       tiles that a block sees at most: ⌈(window − 1) / 128⌉ + 1; without a window all of o + n
 *   visited tiles of the n blocks: block i = 1 … n sees min(o + i, v)
 *   blocks  batch × K/V heads × (packing ⌈query tokens × group / 128⌉ + (1 − packing) group n)
 *   tile    (tileShare + widthShare d + wideTileShare d³) × 4 · 128 · 128 · 128 FLOPs at one processor's share of the peak
 *   waves   knee(blocks / processors × (block + visited / n × tile), block + min(o + n, v) tile): all work, and the longest block
 *   memory  (queries, outputs, K and V once) / (efficiency × read ceiling)
 *   append  knee(tokens × min(1, K/V heads × head size / 512) × token, appendTraffic × (K and V of new tokens, read and written) / ceiling)
 *   seconds start + append + knee(memory, waves)
 * Packing 1: the queries of a group share a block where they are few (FlashAttention 3); 0: each head its own. Append is the cache
 * write of kernels that were measured together with it: nothing with appendTraffic and tokenSeconds at their lowest. vLLM's starts a
 * block a token with a thread an element, at most 512, so that few elements leave room for more blocks on a processor.
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import { causalTiles } from "./causal-tiles.ts";
import { formParameter } from "./form-parameter.ts";
import type { PrefillAttentionCall } from "./kernel-calls.ts";

const tileRows = 128;
/** FLOPs of one tile at a head size of 128. */
const tileFlops = 4 * tileRows * tileRows * 128;

/** Threads of a block of the cache write at most, and how little its blocks and their bytes overlap. */
const appendThreads = 512;
const appendKnee = 0.3;

const parameters: readonly FormParameter[] = [
  formParameter("startSeconds", "start-up of the kernel", "s", 1e-7, 1e-3, 1e-5),
  formParameter("blockSeconds", "start and end of a block", "s", 1e-9, 1e-4, 1e-6),
  formParameter(
    "tileShare",
    "a tile's part that no head size changes, in its products' time at 128",
    "number",
    1e-3,
    50,
    0.3,
  ),
  formParameter("widthShare", "its part by head size / 128: 1 is the peak", "number", 1, 50, 1.1),
  formParameter("wideTileShare", "its part by (head size / 128)³", "number", 1e-3, 50, 0.02),
  formParameter("bandwidthEfficiency", "share of the read ceiling", "share", 0.1, 1.03, 0.9),
  formParameter("memoryKnee", "how little memory and products overlap where alike", "share", 1e-3, 1, 0.5),
  formParameter("waveKnee", "how much the longest block adds where alike to all work", "share", 1e-3, 1, 0.2),
  formParameter("packing", "whether queries of a group share blocks", "share", 1e-3, 1, 1),
  formParameter("appendTraffic", "cache write, in its counted bytes", "number", 1e-3, 50, 1),
  formParameter("tokenSeconds", "cache write, a token of 512 elements or more", "s", 1e-13, 1e-6, 1e-9),
];

/** @example at the first starts an H100 comes to 1 / (0.3 + 1.1 + 0.02) = 70 % of its peak for long prompts of heads of 128 */
export const prefillAttention: KernelForm<PrefillAttentionCall> = { kind: "prefill-attention", parameters, time };

function time(values: ArrayLike<number>, call: PrefillAttentionCall, machine: KernelMachine, into: KernelTime): void {
  const { batch, heads, kvHeads, headDim, queryTokens, context, window } = call;
  const { processors, bytesPerSecond } = machine;
  const group = heads / kvHeads;
  const width = Math.ceil(headDim / 64) / 2;

  const queryBlocks = Math.max(1, Math.ceil(queryTokens / tileRows));
  const shared = Math.ceil(Math.max(0, context - queryTokens) / tileRows);
  const seen = window < context ? Math.ceil((window - 1) / tileRows) + 1 : shared + queryBlocks;
  const visited = causalTiles(queryBlocks, shared, seen);
  const packing = values[8]!;
  const rowBlocks = packing * Math.ceil((queryTokens * group) / tileRows) + (1 - packing) * group * queryBlocks;
  const blocks = batch * kvHeads * rowBlocks;

  const relative = values[2]! + values[3]! * width + values[4]! * width * width * width;
  const tileSeconds = (relative * tileFlops * processors) / call.peakFlopsPerSecond;
  const allSeconds = (blocks / processors) * (values[1]! + (visited / queryBlocks) * tileSeconds);
  const longestSeconds = values[1]! + Math.min(shared + queryBlocks, seen) * tileSeconds;
  const computeSeconds = smoothKnee(allSeconds, longestSeconds, values[7]!);

  const rows = Math.min(context, window + queryTokens);
  const queryBytes = 2 * batch * heads * queryTokens * headDim * call.activationBytesPerElement;
  const kvBytes = 2 * batch * kvHeads * rows * headDim * call.kvBytesPerElement;
  const memorySeconds = (queryBytes + kvBytes) / (values[5]! * bytesPerSecond);
  const newElements = 2 * batch * kvHeads * queryTokens * headDim;
  const appendBytes = newElements * (call.activationBytesPerElement + call.kvBytesPerElement);
  const blockShare = Math.min(1, (kvHeads * headDim) / appendThreads);
  const tokenSeconds = values[10]! * batch * queryTokens * blockShare;
  const appendSeconds = smoothKnee(tokenSeconds, (values[9]! * appendBytes) / bytesPerSecond, appendKnee);

  into.seconds = values[0]! + appendSeconds + smoothKnee(memorySeconds, computeSeconds, values[6]!);
  into.startSeconds = values[0]!;
  into.memorySeconds = memorySeconds + appendSeconds;
  into.computeSeconds = computeSeconds;
  into.linkSeconds = 0;
}
