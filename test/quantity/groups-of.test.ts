import { expect, test } from "vitest";
import { groupsOf } from "../../src/quantity/groups-of.ts";

test("items stand by key, keys and items in the order in which they came", () => {
  expect(groupsOf([1, 2, 3, 4, 5], (n) => String(n % 2))).toEqual([
    [1, 3, 5],
    [2, 4],
  ]);
});

test("no items make no groups, and a key of an object's own names is a key like another", () => {
  expect(groupsOf([], String)).toEqual([]);
  expect(groupsOf(["__proto__", "a", "__proto__"], String)).toEqual([["__proto__", "__proto__"], ["a"]]);
});
