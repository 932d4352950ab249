/**
 * y = x Wᵀ by a vendor's library (cuBLAS, as torch.nn.functional.linear calls it), which picks among tilings:
 *   t = t0 + min( knee(memory, max(tiled, work)),  split + knee(memory, max(tiledSplit, work)) )
 *   memory      (m k input + n k weight bytes) / (e BW) + m n output bytes / (w BW): everything once, weights cold in cache
 *   work        2 m n k / (c F): what the whole machine sustains (its power limit is in c, or in a measured F)
 *   tiled       over tiles r × q of the output the least of (1 + u (⌈⌈m/r⌉ ⌈n/q⌉ / P⌉ − 1)) (k + d) τ: whole waves of tiles on P
 *               processors, of which the further ones leave no more rows empty than matrix units do: u = max(16, m) / r, at most 1;
 *               τ = 2 (r q + a (r + q)) / (b F/P) seconds a unit of depth, a what the sides' loads cost, b the rate of one
 *               processor that runs below the power limit, d the depth that filling and draining a tile's pipeline is worth
 *   tiledSplit  few tiles: the depth of each is split into S parts, the least over S of ⌈tiles S / P⌉ (k / S + d) τ + 8 S m n / BW
 *               (partial sums in 32 bits, written and read), tiles S at most 3 P; starting their addition costs `split` more
 *   striped     weights narrower than what they are multiplied in: kernels for them deal the matrix out evenly, in rows of 16, so that
 *               tiled is 2 max(16, m) n k / (b F) (Frantar et al. 2024, MARLIN); no row of such a kernel was fitted
 * knee is smoothKnee with s, the share that does not overlap. Each term grows with m, n and k, and so does the least of them.
 * Source: fitted on 36,000 rows of aiconfigurator's vLLM 0.24 table (H100), 9,240 of its A100 table and the H100 here. One k row
 * of a lone 64 × 64 tile takes 1.15 ns there, a block of 64 × 64 × 2 FLOPs at 0.94 of the datasheet's peak of one processor.
 * @example m 16, n 4096, k 4096, 2 bytes an element; 3.085 TB/s, 803 TFLOP/s, 132 processors; t0 2.5 µs, e 1, w 1, c 1, b 1, s 0,
 *   d 0, a 0, split 2 µs: 33,816,576 bytes take 10.961 µs; 64 tiles of 64 × 64 take 5.515 µs, so that a split is not worth it: 13.46 µs
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { LinearCall } from "./kernel-calls.ts";
import { matrixSeconds, tileCost } from "./matrix-product.ts";

/** Output rows and columns of the tilings, the smallest first. */
const tileRows = [64, 64, 128, 128] as const;
const tileColumns = [64, 128, 128, 256] as const;
/** Of the smallest product that matrix units do at once. */
const leastRows = 16;
/** Parts of a tile's depth. */
const splits = [2, 3, 4, 6, 8, 12, 16, 32] as const;
/** More blocks than so many waves of them gain nothing more. */
const mostSplitWaves = 3;
const partialSumBytes = 8;
/** Of what a small table says little about: a large one (the source) has shown it. */
const shown = 0.25;

const parameters: readonly FormParameter[] = [
  {
    ...{ name: "startSeconds", meaning: "start-up of a call, with the gap before it", unit: "s" },
    ...{ lowest: 2e-7, highest: 3e-5, starts: [2.5e-6] },
  },
  {
    ...{ name: "readEfficiency", meaning: "share of the read ceiling that weights and inputs reach", unit: "share" },
    ...{ lowest: 0.1, highest: 1.03, starts: [0.95] },
  },
  {
    ...{ name: "writeEfficiency", meaning: "share of the read ceiling that outputs reach", unit: "share" },
    ...{ lowest: 0.1, highest: 1.03, starts: [0.9] },
  },
  {
    ...{ name: "computeEfficiency", meaning: "share of the peak that the whole machine sustains", unit: "share" },
    ...{ lowest: 0.05, highest: 1.03, starts: [1] },
  },
  {
    ...{ name: "tileRate", meaning: "rate of one processor below the power limit over its part of the peak" },
    ...{ unit: "number", lowest: 0.05, highest: 1.25, starts: [1.2], spread: shown },
  },
  {
    ...{ name: "serialShare", meaning: "share of the shorter of reading and multiplying that does not overlap" },
    ...{ unit: "share", lowest: 0.003, highest: 1, starts: [0.25] },
  },
  {
    ...{ name: "fillDepth", meaning: "depth that filling and draining a tile is worth", unit: "number" },
    ...{ lowest: 1, highest: 2000, starts: [180], spread: shown },
  },
  {
    ...{ name: "sideCost", meaning: "elements of a tile that one element of its sides costs to load", unit: "number" },
    ...{ lowest: 0.05, highest: 60, starts: [4], spread: shown },
  },
  {
    ...{ name: "splitSeconds", meaning: "adding up partial sums where the depth is split", unit: "s" },
    ...{ lowest: 1e-8, highest: 1e-3, starts: [2.7e-6], spread: shown },
  },
];

export const linear: KernelForm<LinearCall> = {
  kind: "linear",
  parameters,
  time(p: ArrayLike<number>, call: LinearCall, machine: KernelMachine, into: KernelTime): void {
    const { m, n, k } = call;
    const { processors, bytesPerSecond } = machine;
    const memory = matrixSeconds(call, bytesPerSecond, p[1]!, p[2]!);
    const work = (2 * m * n * k) / (p[3]! * call.peakFlopsPerSecond);
    const perElement = (2 * processors) / (p[4]! * call.peakFlopsPerSecond);
    const isStriped = call.weightBytesPerElement < call.inputBytesPerElement;
    let tiled = isStriped ? Math.max(leastRows, m) * n * k * (perElement / processors) : Number.POSITIVE_INFINITY;
    for (let i = 0; i < tileRows.length && !isStriped; i++) {
      const tiles = Math.ceil(m / tileRows[i]!) * Math.ceil(n / tileColumns[i]!);
      const depthSeconds = (k + p[6]!) * perElement * tileCost(tileRows[i]!, tileColumns[i]!, p[7]!);
      // The first wave takes what a tile takes; in the further ones a library with smaller tiles leaves fewer rows empty.
      const further = tiles > processors ? Math.ceil(tiles / processors) - 1 : 0;
      const used = m < tileRows[i]! ? Math.max(leastRows, m) / tileRows[i]! : 1;
      tiled = Math.min(tiled, (1 + further * used) * depthSeconds);
    }
    let compute = Math.max(tiled, work);
    let busy = smoothKnee(memory, compute, p[5]!);
    if (!isStriped && tiled > work && busy > p[8]! + memory) {
      const tiledSplit = leastSplit(p, call, processors, perElement, (partialSumBytes * m * n) / bytesPerSecond);
      const computeSplit = Math.max(tiledSplit, work);
      const busySplit = p[8]! + smoothKnee(memory, computeSplit, p[5]!);
      if (busySplit < busy) {
        busy = busySplit;
        compute = computeSplit;
      }
    }
    into.seconds = p[0]! + busy;
    into.startSeconds = p[0]!;
    into.memorySeconds = memory;
    into.computeSeconds = compute;
    into.linkSeconds = 0;
  },
};

/** Infinite where there are too many tiles to split. */
function leastSplit(
  p: ArrayLike<number>,
  { m, n, k }: LinearCall,
  processors: number,
  perElement: number,
  partialSumSeconds: number,
): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < tileRows.length; i++) {
    // A tile larger than the one before that makes no fewer tiles is no better: few rows or columns leave it empty.
    if (i > 0 && ((m <= 64 && tileRows[i]! > 64) || (n <= 64 && tileColumns[i]! > 64))) continue;
    const tiles = Math.ceil(m / tileRows[i]!) * Math.ceil(n / tileColumns[i]!);
    const depthSeconds = perElement * tileCost(tileRows[i]!, tileColumns[i]!, p[7]!);
    for (let j = 0; j < splits.length; j++) {
      const parts = splits[j]!;
      const blocks = tiles * parts;
      if (blocks > mostSplitWaves * processors) break;
      const waves = blocks <= processors ? 1 : blocks <= 2 * processors ? 2 : 3;
      least = Math.min(least, waves * (k / parts + p[6]!) * depthSeconds + parts * partialSumSeconds);
    }
  }
  return least;
}
