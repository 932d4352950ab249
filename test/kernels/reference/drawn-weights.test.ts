import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecoderWeights, randomDecoderWeights } from "../../../src/kernels/reference/decoder-weights.ts";
import { DrawnTensor, drawnDecoderWeights, drawRows } from "../../../src/kernels/reference/drawn-weights.ts";
import { plainProcessor } from "../../../src/kernels/reference/plain-processor.ts";
import type { Tensor } from "../../../src/kernels/reference/processor.ts";
import { parseNumberFormat } from "../../../src/quantity/number-format.ts";
import { seededRandom } from "../../../src/quantity/seeded-random.ts";
import { defaultStepOptions } from "../../../src/step/step-options.ts";
import { anySoftmaxModel, gqa, layerOf, modelOf } from "./small-models.ts";

const options = { ...defaultStepOptions, weights: parseNumberFormat("int8") };
const isTensor = (value: object): value is Tensor => "readAside" in value;

/** All tensors of a model's weights, each by its path; one that is used twice comes twice. */
function tensorsOf(value: unknown, path = ""): [string, Tensor][] {
  if (typeof value !== "object" || value === null) return [];
  if (isTensor(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, part]) => (key === "layer" ? [] : tensorsOf(part, `${path}.${key}`)));
}

async function drawn(weights: DecoderWeights, seed: number): Promise<Map<string, number[]>> {
  const values = new Map(tensorsOf(weights).map(([path]): [string, number[]] => [path, []]));
  const takers = tensorsOf(weights).map(([path, tensor]) => ({
    tensor,
    // A prime length would not divide tensors: rows of one element do.
    rowLength: 1,
    take: (_row: number, row: Float64Array): void => void values.get(path)?.push(...row),
  }));
  const once = takers.filter(({ tensor }, i) => takers.findIndex((other) => other.tensor === tensor) === i);
  await drawRows(seededRandom(seed), once, async () => {});
  return values;
}

describe("drawnDecoderWeights", () => {
  it("draws, row by row, what randomDecoderWeights holds", () =>
    fc.assert(
      fc.asyncProperty(anySoftmaxModel, fc.nat({ max: 1e6 }), async (model, seed) => {
        const exact = tensorsOf(randomDecoderWeights(plainProcessor, model, options, seed));
        const values = await drawn(drawnDecoderWeights(model, options), seed);
        expect([...values.keys()]).toEqual(exact.map(([path]) => path));
        const seen = new Set<Tensor>();
        for (const [path, tensor] of exact) {
          if (seen.has(tensor)) continue;
          seen.add(tensor);
          expect(values.get(path)).toEqual(Array.from({ length: tensor.length }, (_, i) => tensor.read(i)));
        }
      }),
      { numRuns: 30 },
    ));

  it("knows the format of each tensor, and no values yet", () => {
    const { table, head } = drawnDecoderWeights(modelOf([layerOf(gqa)], [0]), options);
    // int8 keeps the embedding at 16 bits; 11 words of 8 elements.
    expect(table).toMatchObject({ length: 88, bytesPerElement: 2 });
    expect(head.matrix).toMatchObject({ length: 88, bytesPerElement: 1 });
    expect(head.matrix).toBeInstanceOf(DrawnTensor);
    expect(() => table.read(0)).toThrow("not drawn yet");
    expect(() => table.readAside(0)).toThrow("not drawn yet");
    expect(() => table.write(0, 1)).toThrow("not drawn yet");
  });

  it("breathes about every ten million numbers, and skips what nobody takes", async () => {
    const { table, head } = drawnDecoderWeights(modelOf([layerOf(gqa)], [0], { vocab: 2_000_000 }), options);
    let breaths = 0;
    let last = 0;
    const taker = (tensor: Tensor) => ({
      tensor,
      rowLength: 1000,
      take: (_row: number, values: Float64Array) => {
        last = values[0] as number;
      },
    });
    await drawRows(seededRandom(1), [taker(head.matrix), taker(table)], async () => {
      breaths++;
    });
    // 16 million numbers each.
    expect(breaths).toBe(3);
    const between =
      16_000_000 +
      tensorsOf(drawnDecoderWeights(modelOf([layerOf(gqa)], [0]), options))
        .filter(([path]) => path.startsWith(".layers") || path.startsWith(".finalNorm"))
        .reduce((sum, [, tensor]) => sum + tensor.length, 0);
    const random = seededRandom(1);
    for (let i = 0; i < between + 15_999_000; i++) random.normal();
    expect(last).toBe(random.normal() / Math.sqrt(8));
  });

  it("takes tensors of its own only", async () => {
    const tensor = plainProcessor.tensor("weights", new Float64Array(1), 4);
    const taker = { tensor, rowLength: 1, take: () => {} };
    await expect(drawRows(seededRandom(1), [taker], async () => {})).rejects.toThrow("drawnDecoderWeights");
  });
});
