/**
 * What a layer keeps between steps: rows a token (keys and values, or latent rows), or the fixed state of linear attention.
 * Rows are appended in place, in a tensor with room for all positions, or by concatenation, into a new tensor each step that
 * holds only what later tokens may still see.
 */
import { cacheElementsPerToken, cacheRowsKept, stateElements } from "../../architecture/cache-row.ts";
import type { Attention } from "../../architecture/model.ts";
import type { SeededRandom } from "../../quantity/seeded-random.ts";
import { linearStateBytes } from "../../step/linear-attention-operations.ts";
import { appendInPlace, copyRows } from "./cache-append.ts";
import type { Processor, Tensor } from "./processor.ts";

export interface LayerCache {
  /** Null for linear attention. */
  readonly rows: RowCache | null;
  readonly state: { readonly matrix: Tensor; readonly convolution: Tensor } | null;
}

export interface CacheSettings {
  readonly sequences: number;
  /** Positions that an in-place cache has room for. */
  readonly capacity: number;
  readonly bytesPerElement: number;
}

export function layerCache(p: Processor, attention: Attention, settings: CacheSettings): LayerCache {
  if (attention.kind !== "linear") return { rows: new RowCache(p, attention, settings), state: null };
  const elements = stateElements(attention);
  const zeros = (each: number, bytes: number): Tensor =>
    p.tensor("cache", new Float64Array(settings.sequences * each), bytes);
  const matrix = zeros(elements.matrix, linearStateBytes);
  return { rows: null, state: { matrix, convolution: zeros(elements.convolution, settings.bytesPerElement) } };
}

/** Random numbers in the first `rows` rows of each sequence, sequence by sequence, or in the whole state. */
export function fillCache(cache: LayerCache, sequences: number, rows: number, random: SeededRandom): void {
  const fill = (tensor: Tensor, from: number, count: number): void => {
    for (let i = from; i < from + count; i++) tensor.write(i, random.normal());
  };
  if (cache.state !== null) {
    fill(cache.state.matrix, 0, cache.state.matrix.length);
    fill(cache.state.convolution, 0, cache.state.convolution.length);
  }
  if (cache.rows === null) return;
  for (let sequence = 0; sequence < sequences; sequence++) {
    fill(cache.rows.tensor, cache.rows.offset(sequence, 0), rows * cache.rows.rowElements);
  }
}

export class RowCache {
  /** Position of the first row held. */
  firstPosition = 0;
  /** c: elements a row. */
  readonly rowElements: number;
  private readonly p: Processor;
  private readonly settings: CacheSettings;
  /** Rows that the next token may still see, its own among them. */
  private readonly kept: number;
  private tensorNow: Tensor;
  private rowsHeld: number;

  constructor(p: Processor, attention: Attention, settings: CacheSettings) {
    this.p = p;
    this.settings = settings;
    this.rowElements = cacheElementsPerToken(attention);
    this.kept = cacheRowsKept(attention, Number.POSITIVE_INFINITY);
    this.rowsHeld = settings.capacity;
    this.tensorNow = this.emptyRows(settings.capacity);
  }

  get tensor(): Tensor {
    return this.tensorNow;
  }

  /** First element of a sequence's row at a position. */
  offset(sequence: number, position: number): number {
    return (sequence * this.rowsHeld + position - this.firstPosition) * this.rowElements;
  }

  /** Makes room for a step's new rows by concatenation: the old rows still needed are read and written again. */
  concatenate(context: number, queryTokens: number): void {
    const first = Math.max(0, context - (this.kept + queryTokens - 1), this.firstPosition);
    const old = context - queryTokens - first;
    const rows = old + queryTokens;
    const next = this.emptyRows(rows);
    copyRows({
      sequences: this.settings.sequences,
      rows: old,
      rowElements: this.rowElements,
      from: this.tensorNow,
      fromOffset: (sequence) => this.offset(sequence, first),
      to: next,
      toOffset: (sequence) => sequence * rows * this.rowElements,
    });
    this.tensorNow = next;
    this.rowsHeld = rows;
    this.firstPosition = first;
  }

  /** Writes elements [from, from + count) of the new tokens' rows, which stand at the context's end. */
  append(
    input: Tensor,
    inputOffset: (token: number) => number,
    context: number,
    queryTokens: number,
    from: number,
    count: number,
  ): void {
    appendInPlace({
      sequences: this.settings.sequences,
      queryTokens,
      input,
      inputOffset,
      cache: this.tensorNow,
      rowOffset: (sequence, token) => this.offset(sequence, context - queryTokens + token),
      from,
      count,
    });
  }

  /** Each sequence takes over the rows of its parent. */
  gather(parents: ArrayLike<number>, context: number): void {
    const rows = context - this.firstPosition;
    const next = this.emptyRows(rows);
    copyRows({
      sequences: this.settings.sequences,
      rows,
      rowElements: this.rowElements,
      from: this.tensorNow,
      fromOffset: (sequence) => this.offset(parents[sequence] as number, this.firstPosition),
      to: next,
      toOffset: (sequence) => sequence * rows * this.rowElements,
    });
    this.tensorNow = next;
    this.rowsHeld = rows;
  }

  private emptyRows(rows: number): Tensor {
    const { sequences, bytesPerElement } = this.settings;
    return this.p.tensor("cache", new Float64Array(sequences * rows * this.rowElements), bytesPerElement);
  }
}
