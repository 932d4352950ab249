/**
 * y = x Wᵀ in 8 bits: one kernel reads x in 16 bits and writes it in 8, a second one multiplies with a tile that only m decides
 * (CUTLASS and DeepGEMM as vLLM calls them; no split of the depth):
 *   t = knee(host, t0 + knee(q m k / BW, m ρ / P) + knee(memory, max(tiled, work)))
 *   q m k       bytes that quantizing moves an element: read twice (the largest, then scaling) and written once, about 5 to 7
 *   m ρ / P     a block of threads a row: ρ seconds of one processor each
 *   memory      (m k input + n k weight bytes) / (e BW) + m n output bytes / (w BW); work = 2 m n k / (c F), as in linear.ts
 *   tiled       ⌈⌈m/r⌉ ⌈n/c⌉ / P⌉ (k + d) τ, τ as in linear.ts, with tiles of 64 × 64 up to 64 rows, 64 × 128 up to 128, then
 *               128 × 128: the step up in τ always outweighs the waves that it saves
 *   u           rows above 128 that are no multiple of 16 lose the wide loads: tiled and work take 1 + u times as long. But for
 *               that step time grows with m, n and k
 *   host        the host's time a call, where kernels are launched one by one and not by a graph; next to nothing otherwise
 * Source: fitted on the fp8 and fp8_block rows of aiconfigurator's vLLM 0.24 table (H100).
 * @example m 64, n 64, k 4096, 1 byte an element, 2 bytes an output; 1 TB/s, 132 TFLOP/s, 132 processors; host 1 ns, t0 4 µs, q 5,
 *   ρ 1 ns, all efficiencies and rates 1, s 0, d 0, a 0: quantizing 1.31072 µs, one tile 4096 × 8.192 ns = 33.554 µs: 38.87 µs
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { LinearCall } from "./kernel-calls.ts";
import { matrixSeconds, tileCost } from "./matrix-product.ts";

/** Where host and device take alike; fitted on rows that a host bounds. */
const hostSerialShare = 0.13;

const parameters: readonly FormParameter[] = [
  {
    ...{ name: "startSeconds", meaning: "start-ups of quantizing and multiplying", unit: "s" },
    ...{ lowest: 2e-7, highest: 5e-5, starts: [4.7e-6] },
  },
  {
    ...{ name: "readEfficiency", meaning: "share of the read ceiling that weights and inputs reach", unit: "share" },
    ...{ lowest: 0.1, highest: 1.03, starts: [0.92] },
  },
  {
    ...{ name: "writeEfficiency", meaning: "share of the read ceiling that outputs reach", unit: "share" },
    ...{ lowest: 0.1, highest: 1.03, starts: [0.9] },
  },
  {
    ...{ name: "computeEfficiency", meaning: "share of the peak that the whole machine sustains", unit: "share" },
    ...{ lowest: 0.05, highest: 1.03, starts: [0.8] },
  },
  {
    ...{ name: "tileRate", meaning: "rate of one processor below the power limit over its part of the peak" },
    ...{ unit: "number", lowest: 0.05, highest: 1.25, starts: [1.2] },
  },
  {
    ...{ name: "serialShare", meaning: "share of the shorter of reading and multiplying that does not overlap" },
    ...{ unit: "share", lowest: 0.003, highest: 1, starts: [0.4] },
  },
  {
    ...{ name: "fillDepth", meaning: "depth that filling and draining a tile is worth", unit: "number" },
    ...{ lowest: 1, highest: 2000, starts: [350] },
  },
  {
    ...{ name: "sideCost", meaning: "elements of a tile that one element of its sides costs to load", unit: "number" },
    ...{ lowest: 0.05, highest: 60, starts: [4] },
  },
  {
    ...{ name: "quantizeBytes", meaning: "bytes that quantizing moves an element of x", unit: "number" },
    ...{ lowest: 0.01, highest: 12, starts: [6] },
  },
  {
    ...{ name: "rowSeconds", meaning: "one processor's time to quantize a short row", unit: "s" },
    ...{ lowest: 1e-9, highest: 1e-5, starts: [8e-7] },
  },
  {
    ...{ name: "unalignedCost", meaning: "share that multiplying takes longer for rows not of 16", unit: "share" },
    ...{ lowest: 0.001, highest: 1, starts: [0.2] },
  },
  {
    ...{ name: "hostSeconds", meaning: "the host's time a call where no graph launches it", unit: "s" },
    ...{ lowest: 1e-9, highest: 5e-4, starts: [1e-8, 8e-5] },
  },
];

export const quantizedLinear: KernelForm<LinearCall> = {
  kind: "quantized-linear",
  parameters,
  time(p: ArrayLike<number>, call: LinearCall, machine: KernelMachine, into: KernelTime): void {
    const { m, n, k } = call;
    const { processors, bytesPerSecond } = machine;
    const serial = p[5]!;
    const quantize = smoothKnee((p[8]! * m * k) / bytesPerSecond, (p[9]! * m) / processors, serial);
    const memory = matrixSeconds(call, bytesPerSecond, p[1]!, p[2]!);
    const rows = m <= 128 ? 64 : 128;
    const columns = m <= 64 ? 64 : 128;
    const waves = Math.ceil((Math.ceil(m / rows) * Math.ceil(n / columns)) / processors);
    const depthSeconds = ((2 * processors) / (p[4]! * call.peakFlopsPerSecond)) * tileCost(rows, columns, p[7]!);
    const work = (2 * m * n * k) / (p[3]! * call.peakFlopsPerSecond);
    const aligned = m <= 128 || m % 16 === 0;
    const compute = Math.max(work, waves * (k + p[6]!) * depthSeconds) * (aligned ? 1 : 1 + p[10]!);
    const device = p[0]! + quantize + smoothKnee(memory, compute, serial);
    into.seconds = smoothKnee(p[11]!, device, hostSerialShare);
    into.startSeconds = p[0]!;
    into.memorySeconds = quantize + memory;
    into.computeSeconds = compute;
    into.linkSeconds = 0;
  },
};
