import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Model } from "../../src/architecture/model.ts";
import { packModels, unpackModels } from "../../src/architecture/packed-models.ts";

/** The form carries any JSON, so models are stood for by an id and what the test is about. */
const modelWith = (parts: object): Model => ({ id: "m", ...parts }) as unknown as Model;

describe("packModels", () => {
  it("writes the keys of a shape once and 32 equal layers as one run", () => {
    const order = new Array<number>(32).fill(0);
    const packed = packModels([modelWith({ id: "a", decoder: { order } }), modelWith({ id: "b", decoder: { order } })]);
    expect(packed.shapes).toEqual([["id", "decoder"], ["order"]]);
    expect(packed.models).toEqual([
      [0, "a", [1, [-2, 0, 32]]],
      [0, "b", [1, [-2, 0, 32]]],
    ]);
  });

  it("keeps a list whose runs would be longer", () => {
    expect(packModels([modelWith({ order: [0, 1, 2] })]).models).toEqual([[0, "m", [-1, 0, 1, 2]]]);
  });

  it("refuses what JSON does not hold", () => {
    expect(() => packModels([modelWith({ maxContext: undefined })])).toThrow(TypeError);
  });

  it("gives a model the same object each time", () => {
    const models = unpackModels(packModels([modelWith({ id: "a" }), modelWith({ id: "b" })]));
    expect(Object.keys(models)).toEqual(["a", "b"]);
    expect(models.b).toBe(models.b);
    expect(models.b).not.toBe(models.a);
  });

  it("comes back the same for any JSON", () => {
    const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(json, fc.array(fc.integer({ min: 0, max: 2 })), (part, order) => {
        const model = modelWith({ part: JSON.parse(JSON.stringify(part)), order });
        const stored = JSON.parse(JSON.stringify(packModels([model])));
        expect(unpackModels(stored)).toEqual({ m: model });
      }),
    );
  });
});
