import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseWithSchema } from "../../src/quantity/describe-schema-error.ts";
import { InvalidInput } from "../../src/quantity/invalid-input.ts";

const toaster = z.strictObject({
  id: z.string().regex(/^[a-z]+$/, "wants small letters"),
  kind: z.enum(["oven", "grill"]),
  slots: z.int().positive().max(8),
  heat: z.strictObject({ watts: z.number(), note: z.string().min(1).exactOptional() }),
  colours: z.array(z.string().min(2)).max(3),
  cable: z.strictObject({ metres: z.number() }).nullable(),
  part: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("spring"), turns: z.int() }),
    z.strictObject({ type: z.literal("wire") }),
  ]),
  price: z.union([z.string(), z.strictObject({ amount: z.number() })]).exactOptional(),
});

const good = {
  id: "b",
  kind: "oven",
  slots: 2,
  heat: { watts: 800 },
  colours: ["red"],
  cable: null,
  part: { type: "wire" },
};

test("a good value comes back", () => {
  expect(parseWithSchema(toaster, good, "toaster")).toEqual(good);
});

describe("each mistake is one line that names the field, the value and what is wanted", () => {
  test.each<[string, unknown, string]>([
    ["missing", { ...good, kind: undefined }, "invalid kind: missing (toaster wants oven, grill)"],
    ["of no choice", { ...good, kind: "gril" }, "invalid kind: gril (toaster wants oven, grill; did you mean grill?)"],
    ["of the wrong type", { ...good, heat: 3 }, "invalid heat: 3 (toaster wants an object)"],
    ["deep", { ...good, heat: { watts: "hot" } }, 'invalid heat.watts: "hot" (toaster wants a number)'],
    ["in a list", { ...good, colours: ["red", 7] }, "invalid colours[1]: 7 (toaster wants text)"],
    ["too short", { ...good, colours: ["r"] }, "invalid colours[0]: r (toaster wants at least 2 characters)"],
    ["too many", { ...good, colours: ["aa", "bb", "cc", "dd"] }, "(toaster wants at most 3 entries)"],
    ["a fraction", { ...good, slots: 1.5 }, "invalid slots: 1.5 (toaster wants an integer)"],
    ["zero", { ...good, slots: 0 }, "invalid slots: 0 (toaster wants more than 0)"],
    ["NaN", { ...good, slots: Number.NaN }, "invalid slots: not a number (toaster wants a number)"],
    ["too big", { ...good, slots: 9 }, "invalid slots: 9 (toaster wants at most 8)"],
    ["with its own words", { ...good, id: "B" }, "invalid id: B (toaster wants small letters)"],
    ["an unknown key", { ...good, sluts: 3 }, "invalid sluts: 3 (toaster has no such key; did you mean slots?)"],
    [
      "an unknown key below",
      { ...good, heat: { wats: 800 } },
      "invalid heat.wats: 800 (toaster has no such key; did you mean watts?)",
    ],
    [
      "an unknown key like none",
      { ...good, heat: { watts: 1, zebra: 800 } },
      "invalid heat.zebra: 800 (toaster has no such key; knows watts, note)",
    ],
    [
      "an unknown key below a value that may be null",
      { ...good, cable: { meters: 1 } },
      "invalid cable.meters: 1 (toaster has no such key; did you mean metres?)",
    ],
    ["of no branch", { ...good, price: 3 }, "invalid price: 3 (toaster wants text or an object)"],
    ["deep in a branch", { ...good, price: { amount: "x" } }, 'invalid price.amount: "x" (toaster wants a number)'],
    ["an unknown kind", { ...good, part: { type: "wires" } }, "wants spring, wire; did you mean wire?)"],
    [
      "a part of a kind",
      { ...good, part: { type: "spring", turns: 0.5 } },
      "invalid part.turns: 0.5 (toaster wants an",
    ],
    ["no object at all", "toast", 'invalid toaster: "toast" (toaster wants an object)'],
  ])("%s", (_, value, message) => {
    const error = thrownBy(() => parseWithSchema(toaster, value, "toaster"));
    expect(error).toBeInstanceOf(InvalidInput);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("\n");
  });
});

test("__proto__ is refused at any depth, and nothing is polluted", () => {
  const value: unknown = JSON.parse('{"heat": {"watts": 1, "__proto__": {"polluted": true}}}');
  expect(() => parseWithSchema(toaster, value, "toaster")).toThrow(
    'invalid heat.__proto__: {"polluted":true} (toaster must not have a key named __proto__)',
  );
  expect(() => parseWithSchema(toaster, JSON.parse('[{"__proto__": 1}]'), "toaster")).toThrow("[0].__proto__");
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("data nested a hundred thousand levels deep is refused at once", () => {
  const value: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  expect(() => parseWithSchema(toaster, value, "toaster")).toThrow("wants at most 64 levels");
});

function thrownBy(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing thrown");
}

describe("other shapes of schemas", () => {
  const kitchen = z.strictObject({
    burners: z.number().multipleOf(2).exactOptional(),
    gas: z.boolean().exactOptional(),
    door: z.union([z.strictObject({ hinge: z.strictObject({ side: z.string() }) }), z.null()]).exactOptional(),
    shelves: z.array(z.strictObject({ depth: z.number() })).exactOptional(),
    drawers: z.record(z.string(), z.strictObject({ height: z.number() })).exactOptional(),
    oven: z
      .strictObject({ size: z.number() })
      .transform(({ size }) => size)
      .exactOptional(),
    tap: z.union([z.string(), z.strictObject({ flow: z.strictObject({ litres: z.number() }) })]).exactOptional(),
    name: z
      .string()
      .refine((name) => name !== "shed", "is no\nkitchen")
      .exactOptional(),
  });

  test.each<[string, unknown, string]>([
    ["no multiple", { burners: 3 }, "invalid burners: 3 (kitchen wants a multiple of 2)"],
    ["no flag", { gas: "yes" }, 'invalid gas: "yes" (kitchen wants true or false)'],
    ["neither an object nor null", { door: 3 }, "invalid door: 3 (kitchen wants an object or null)"],
    ["refused by a rule in other words", { name: "shed" }, "(kitchen wants another value: is no kitchen)"],
    [
      "an unknown key in an object of a list",
      { shelves: [{ depth: 1 }, { dept: 1 }] },
      "invalid shelves[1].dept: 1 (kitchen has no such key; did you mean depth?)",
    ],
    [
      "an unknown key in an object of a record",
      { drawers: { top: { heigth: 1 } } },
      "invalid drawers.top.heigth: 1 (kitchen has no such key; did you mean height?)",
    ],
    [
      "an unknown key in an object that is transformed",
      { oven: { sise: 1 } },
      "invalid oven.sise: 1 (kitchen has no such key; did you mean size?)",
    ],
    [
      "an unknown key in a branch",
      { tap: { flow: { litres: 1 }, heat: 2 } },
      "invalid tap.heat: 2 (kitchen has no such key; knows flow)",
    ],
    [
      "an unknown key below a branch",
      { tap: { flow: { litres: 1, liters: 2 } } },
      "invalid tap.flow.liters: 2 (kitchen has no such key; did you mean litres?)",
    ],
    [
      "an unknown key below one branch of two objects",
      { door: { hinge: { side: "left", sides: 2 } } },
      "invalid door.hinge.sides: 2 (kitchen has no such key; did you mean side?)",
    ],
  ])("%s", (_, value, message) => {
    expect(thrownBy(() => parseWithSchema(kitchen, value, "kitchen")).message).toContain(message);
  });

  test("a key that neither of two objects knows: the keys of both", () => {
    const either = z.strictObject({
      part: z.union([
        z.strictObject({ a: z.number().exactOptional() }),
        z.strictObject({ b: z.number().exactOptional() }),
      ]),
    });
    const error = thrownBy(() => parseWithSchema(either, { part: { zzz: 1 } }, "part"));
    expect(error.message).toBe("invalid part.zzz: 1 (part has no such key; knows a, b)");
  });

  test("a key that only one of two objects knows: the keys of that one alone", () => {
    const either = z.strictObject({
      part: z.union([z.strictObject({ a: z.number() }), z.strictObject({ b: z.strictObject({ c: z.number() }) })]),
    });
    const error = thrownBy(() => parseWithSchema(either, { part: { b: { c: 1, zzz: 2 } } }, "part"));
    expect(error.message).toBe("invalid part.b.zzz: 2 (part has no such key; knows c)");
  });
});
