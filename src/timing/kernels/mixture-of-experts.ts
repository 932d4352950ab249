/**
 * Routed experts of one layer on one device, routing and adding up included (vLLM's fused kernels):
 *   t = t0 + tr + rows (h d + g F) b / BW + knee( X (M d F w / (e BW) + ε),  2 M d F (C + p X) / (c P) )
 *   X        experts that the tokens touch on this device; their M matrices of d F elements, w bytes each, are read once;
 *            ε seconds more an expert
 *   C        choices (a token and an expert) that this device computes; tiles that an expert fills in part add p rows to each
 *   rows     C + φ (T k − C): rows of the model's width d and of the expert's width F that small kernels gather, activate, weight
 *            and add, h and g times each; φ is how far they move rows of experts elsewhere too
 *   tr       of finding this device's experts among all, where it does not hold them all
 * knee is smoothKnee with s, the share that does not overlap. Time grows with tokens, choices, experts touched and every dimension.
 * Source: fitted on aiconfigurator's vLLM 0.24 table (H100), 49,862 rows of seven kernels.
 * @example 16 choices of 8 experts, d 1000, F 500, 3 matrices of 2 bytes; 1 TB/s, 100 TFLOP/s; t0 20 µs, e 1, c 1, p 16, h 5, g 4,
 *   s 0, ε 0: weights 24 MB = 24 µs; 2 × 1.5e6 × 144 FLOPs = 4.32 µs; rows 16 × 7000 × 2 bytes = 0.224 µs: 44.224 µs
 */
import type { FormParameter, KernelForm, KernelMachine, KernelTime } from "../kernel-form.ts";
import { smoothKnee } from "../smooth-knee.ts";
import type { MixtureOfExpertsCall } from "./kernel-calls.ts";

const parameters: readonly FormParameter[] = [
  {
    ...{ name: "startSeconds", meaning: "routing and the start-ups of all kernels", unit: "s" },
    ...{ lowest: 1e-6, highest: 2e-4, starts: [3e-5] },
  },
  {
    ...{ name: "remapSeconds", meaning: "finding this device's experts where others hold some", unit: "s" },
    ...{ lowest: 1e-8, highest: 1e-4, starts: [4e-6] },
  },
  {
    ...{ name: "readEfficiency", meaning: "share of the read ceiling that weights reach", unit: "share" },
    ...{ lowest: 0.05, highest: 1.03, starts: [0.95, 0.2] },
  },
  {
    ...{ name: "computeEfficiency", meaning: "share of the peak", unit: "share" },
    ...{ lowest: 0.03, highest: 1.03, starts: [0.7, 0.2] },
  },
  {
    ...{ name: "serialShare", meaning: "share of the shorter of reading and multiplying that does not overlap" },
    ...{ unit: "share", lowest: 0.003, highest: 1, starts: [0.2] },
  },
  {
    ...{ name: "padRows", meaning: "rows that tiles filled in part add to an expert's", unit: "number" },
    ...{ lowest: 0.1, highest: 300, starts: [50] },
  },
  {
    ...{ name: "modelMoves", meaning: "times that a choice's row of the model's width is moved", unit: "number" },
    ...{ lowest: 0.01, highest: 50, starts: [5] },
  },
  {
    ...{ name: "expertMoves", meaning: "times that a choice's row of the expert's width is moved", unit: "number" },
    ...{ lowest: 0.01, highest: 50, starts: [5] },
  },
  {
    ...{ name: "foreignShare", meaning: "share of those moves that rows of experts elsewhere take too", unit: "share" },
    ...{ lowest: 0.001, highest: 1, starts: [0.2] },
  },
  {
    ...{ name: "expertSeconds", meaning: "for each expert touched, whatever its size", unit: "s" },
    ...{ lowest: 1e-9, highest: 2e-5, starts: [1.5e-7] },
  },
];

export const mixtureOfExperts: KernelForm<MixtureOfExpertsCall> = {
  kind: "mixture-of-experts",
  parameters,
  time(p: ArrayLike<number>, call: MixtureOfExpertsCall, machine: KernelMachine, into: KernelTime): void {
    const { choices, touchedExperts, dModel, dFf, matrices } = call;
    const elements = matrices * dModel * dFf;
    const start = p[0]! + (call.localExperts < call.experts ? p[1]! : 0);
    const rows = choices + p[8]! * Math.max(0, call.tokens * call.topK - choices);
    const moved = (rows * (p[6]! * dModel + p[7]! * dFf) * call.activationBytesPerElement) / machine.bytesPerSecond;
    const weights =
      touchedExperts * ((elements * call.weightBytesPerElement) / (p[2]! * machine.bytesPerSecond) + p[9]!);
    const compute = (2 * elements * (choices + p[5]! * touchedExperts)) / (p[3]! * call.peakFlopsPerSecond);
    into.seconds = start + moved + smoothKnee(weights, compute, p[4]!);
    into.startSeconds = start;
    into.memorySeconds = moved + weights;
    into.computeSeconds = compute;
    into.linkSeconds = 0;
  },
};
