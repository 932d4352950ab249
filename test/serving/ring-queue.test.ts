import fc from "fast-check";
import { expect, test } from "vitest";
import { RingQueue } from "../../src/serving/ring-queue.ts";

test("a queue open at both ends does what an array does, past its first size", () => {
  const actions = fc.array(fc.constantFrom("pushBack", "pushBack", "pushFront", "popFront", "popBack"), {
    maxLength: 300,
    size: "max",
  });
  fc.assert(
    fc.property(actions, (todo) => {
      const queue = new RingQueue<number>();
      const array: number[] = [];
      for (const [i, action] of todo.entries()) {
        if (action === "pushBack") {
          queue.pushBack(i);
          array.push(i);
        } else if (action === "pushFront") {
          queue.pushFront(i);
          array.unshift(i);
        } else if (action === "popFront") expect(queue.popFront()).toBe(array.shift());
        else expect(queue.popBack()).toBe(array.pop());
        expect(queue.length).toBe(array.length);
      }
      expect(array.map((_, i) => queue.at(i))).toEqual(array);
      expect(queue.at(array.length)).toBeUndefined();
    }),
    { seed: 7, numRuns: 50 },
  );
});
