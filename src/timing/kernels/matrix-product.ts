/** What both forms of a linear layer count alike: the bytes of its matrices and the loads of a tile. */
import type { LinearCall } from "./kernel-calls.ts";

/** (m k input + n k weight bytes) / (e BW) + m n output bytes / (w BW): inputs and weights are read once, outputs written once. */
export function matrixSeconds(
  { m, n, k, inputBytesPerElement, weightBytesPerElement, outputBytesPerElement }: LinearCall,
  bytesPerSecond: number,
  readEfficiency: number,
  writeEfficiency: number,
): number {
  return (
    (k * (m * inputBytesPerElement + n * weightBytesPerElement)) / (readEfficiency * bytesPerSecond) +
    (m * n * outputBytesPerElement) / (writeEfficiency * bytesPerSecond)
  );
}

/** Area of a tile, and what its sides' loads cost, in elements. */
export function tileCost(rows: number, columns: number, sideCost: number): number {
  return rows * columns + sideCost * (rows + columns);
}
