/** Random rows in a decode step's caches, in the order of reference/layer-cache.ts: layers, sequences, rows; keys before values. */
import type { Attention } from "../../architecture/model.ts";
import type { SeededRandom } from "../../quantity/seeded-random.ts";
import type { RowPlaces } from "./attention-job.ts";
import type { MemoryView } from "./memory-view.ts";
import { rowBytes, storeRow, type WasmFormat } from "./stored-rows.ts";

export interface FilledLayer {
  readonly of: Attention;
  readonly rows: RowPlaces;
}

/** Numbers drawn between two breaths. */
const breathEvery = 1e7;

/** Fills all rows but the last of each sequence's, which the step writes; `breathe` is awaited now and then. */
export async function fillCaches(
  view: MemoryView,
  random: SeededRandom,
  layers: readonly FilledLayer[],
  context: number,
  format: WasmFormat,
  breathe: () => Promise<void>,
): Promise<void> {
  let drawn = 0;
  for (const { of, rows: places } of layers) {
    if (of.kind !== "softmax") throw new TypeError("softmax attention is wanted");
    const { kvHeads, headDim } = of;
    const stored = rowBytes(format, headDim);
    const values = new Float64Array(2 * kvHeads * headDim);
    const at = (first: number, head: number, row: number, bytes: number): number =>
      first + (head * context + row) * bytes;
    for (let s = 0; s < places.keys.length; s++) {
      const [keys, keyScales] = [places.keys[s] as number, places.keyScales[s] as number];
      const [rest, restScales] = [places.values[s] as number, places.valueScales[s] as number];
      for (let row = 0; row < context - 1; row++) {
        random.fillNormals(values);
        for (let head = 0; head < kvHeads; head++) {
          const from = head * headDim;
          const behind = (kvHeads + head) * headDim;
          storeRow(view, format, values, from, headDim, at(keys, head, row, stored), at(keyScales, head, row, 4));
          storeRow(view, format, values, behind, headDim, at(rest, head, row, stored), at(restScales, head, row, 4));
        }
        drawn += values.length;
        if (drawn > breathEvery) {
          await breathe();
          drawn = 0;
        }
      }
    }
  }
}
