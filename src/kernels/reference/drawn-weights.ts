/**
 * A decoder's random weights as places in the stream of random numbers that they are drawn from, without their values: a
 * backend lays out its memory first and then draws each row straight to where it belongs, since the weights in float64 would
 * take four times their memory.
 */
import type { Model } from "../../architecture/model.ts";
import type { SeededRandom } from "../../quantity/seeded-random.ts";
import type { StepOptions } from "../../step/step-options.ts";
import { type DecoderWeights, decoderWeights } from "./decoder-weights.ts";
import { plainProcessor } from "./plain-processor.ts";
import type { Processor, Tensor } from "./processor.ts";

/** Normal numbers `start` … start + length − 1 of the stream, times the deviation and around the mean. */
interface Draw {
  readonly start: number;
  readonly length: number;
  readonly deviation: number;
  readonly mean: number;
}

/** A tensor that is still to be drawn. */
export class DrawnTensor implements Tensor {
  readonly draw: Draw;
  readonly bytesPerElement: number;

  constructor(draw: Draw, bytesPerElement: number) {
    this.draw = draw;
    this.bytesPerElement = bytesPerElement;
  }

  get length(): number {
    return this.draw.length;
  }

  read(): number {
    throw new TypeError("a tensor that is not drawn yet has no values");
  }

  readAside(): number {
    return this.read();
  }

  write(): void {
    this.read();
  }
}

/** The weights of randomDecoderWeights, each tensor a DrawnTensor. */
export function drawnDecoderWeights(model: Model, options: StepOptions): DecoderWeights {
  const draws = new Map<Float64Array, Draw>();
  let start = 0;
  const unexpected = (): never => {
    throw new TypeError("weights are drawn as normal numbers only");
  };
  const random: SeededRandom = {
    uniform: unexpected,
    below: unexpected,
    normal: unexpected,
    fillNormals: unexpected,
    choose: unexpected,
    normals(length, deviation = 1, mean = 0) {
      const standIn = new Float64Array(0);
      draws.set(standIn, { start, length, deviation, mean });
      start += length;
      return standIn;
    },
  };
  const processor: Processor = {
    ...plainProcessor,
    tensor(_role, values, bytesPerElement) {
      const draw = draws.get(values);
      return draw === undefined ? unexpected() : new DrawnTensor(draw, bytesPerElement);
    },
  };
  return decoderWeights(processor, model, options, random);
}

/** What takes a tensor's rows, each as long as rowLength. */
export interface DrawnRows {
  readonly tensor: Tensor;
  readonly rowLength: number;
  take(row: number, values: Float64Array): void;
}

/** Draws all rows in the stream's order; `breathe` is awaited now and then, after about 10⁷ numbers. */
export async function drawRows(
  random: SeededRandom,
  takers: readonly DrawnRows[],
  breathe: () => Promise<void>,
): Promise<void> {
  const inOrder = takers
    .map((taker) => ({ ...taker, draw: drawOf(taker.tensor) }))
    .sort((a, b) => a.draw.start - b.draw.start);
  let at = 0;
  let sinceBreath = 0;
  for (const { draw, rowLength, take } of inOrder) {
    skip(random, draw.start - at);
    const values = new Float64Array(rowLength);
    for (let row = 0; row * rowLength < draw.length; row++) {
      random.fillNormals(values, draw.deviation, draw.mean);
      take(row, values);
      sinceBreath += rowLength;
      if (sinceBreath > 1e7) {
        await breathe();
        sinceBreath = 0;
      }
    }
    at = draw.start + draw.length;
  }
}

function drawOf(tensor: Tensor): Draw {
  if (tensor instanceof DrawnTensor) return tensor.draw;
  throw new TypeError("a tensor of drawnDecoderWeights is wanted");
}

/** Numbers that nobody takes, such as a second table where the first serves twice. */
function skip(random: SeededRandom, count: number): void {
  for (let i = 0; i < count; i++) random.normal();
}
