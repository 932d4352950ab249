/**
 * A compact form of models as JSON for the built-in profiles: the keys of each shape of object once instead of each time.
 *
 * value = a number, a text, true, false or null as itself
 *       | [shape, value of each key of that shape ...]   an object
 *       | [-1, value ...]                                 a list
 *       | [-2, number, times, number, times ...]          a list of numbers, by runs
 */
import type { Model } from "./model.ts";

type Packed = string | number | boolean | null | readonly Packed[];

export interface PackedModels {
  /** The keys of each shape of object, in the order of its values. */
  readonly shapes: readonly (readonly string[])[];
  readonly models: readonly Packed[];
}

const listTag = -1;
const runsTag = -2;

/**
 * The models in compact form; unpackModels gives them back.
 * @example a model of 32 layers of one kind stores its order as [-2, 0, 32]
 */
export function packModels(models: readonly Model[]): PackedModels {
  const shapes = new Map<string, number>();
  const pack = (value: unknown): Packed => {
    if (Array.isArray(value)) {
      const runs = value.length > 1 && value.every((each) => typeof each === "number") ? packRuns(value) : null;
      return runs ?? [listTag, ...value.map(pack)];
    }
    if (typeof value === "object" && value !== null) {
      const keys = JSON.stringify(Object.keys(value));
      if (!shapes.has(keys)) shapes.set(keys, shapes.size);
      return [shapes.get(keys) as number, ...Object.values(value).map(pack)];
    }
    if (typeof value === "number" || typeof value === "string" || typeof value === "boolean" || value === null) {
      return value;
    }
    throw new TypeError(`a model holds ${typeof value}`);
  };
  const packed = models.map(pack);
  return { shapes: [...shapes.keys()].map((keys) => JSON.parse(keys) as string[]), models: packed };
}

/** The models of a compact form, by their id; each is unpacked when it is first asked for, since a command needs few. */
export function unpackModels(packed: PackedModels): Readonly<Record<string, Model>> {
  const unpack = (value: Packed): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (value[0] === listTag) return value.slice(1).map(unpack);
    if (value[0] === runsTag) return unpackRuns(value as readonly number[]);
    const keys = packed.shapes[value[0] as number]!;
    const object: Record<string, unknown> = {};
    for (let key = 0; key < keys.length; key++) object[keys[key] as string] = unpack(value[key + 1] as Packed);
    return object;
  };
  const models: Record<string, Model> = {};
  for (const each of packed.models as readonly (readonly Packed[])[]) {
    let model: Model | undefined;
    const get = (): Model => {
      model ??= unpack(each) as Model;
      return model;
    };
    Object.defineProperty(models, idOf(each, packed), { enumerable: true, get });
  }
  return models;
}

function idOf(model: readonly Packed[], { shapes }: PackedModels): string {
  const keys = shapes[model[0] as number]!;
  return model[keys.indexOf("id") + 1] as string;
}

/** [-2, number, times ...], or null where the list itself is as short. */
function packRuns(numbers: readonly number[]): readonly number[] | null {
  const runs = [runsTag];
  for (let start = 0; start < numbers.length; ) {
    let end = start;
    while (end < numbers.length && numbers[end] === numbers[start]) end++;
    runs.push(numbers[start] as number, end - start);
    start = end;
  }
  return runs.length < numbers.length + 1 ? runs : null;
}

function unpackRuns(runs: readonly number[]): number[] {
  const numbers: number[] = [];
  for (let at = 1; at < runs.length; at += 2) {
    for (let times = 0; times < (runs[at + 1] as number); times++) numbers.push(runs[at] as number);
  }
  return numbers;
}
