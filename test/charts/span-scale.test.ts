import { expect, test } from "vitest";
import { spanAxis, spanScale } from "../../src/charts/span-scale.ts";

test("20 times is linear, more is logarithmic", () => {
  expect(spanScale([1, 20]).type).toBe("linear");
  expect(spanScale([1, 21]).type).toBe("log");
  expect(spanScale([0, 21]).type).toBe("linear");
});

test("a linear domain leaves 8 % on either side and does not go below 0; one value alone has room too", () => {
  expect(spanScale([100, 200]).domain).toEqual([92, 208]);
  expect(spanScale([1, 20]).domain).toEqual([0, 21.52]);
  expect(spanScale([50]).domain).toEqual([46, 54]);
  expect(spanScale([0]).domain).toEqual([0, 0.08]);
});

test("a title is followed by the units of its ticks, a plain one stands as it is", () => {
  expect(spanAxis("x", "Time", "seconds", spanScale([0.01, 0.02]), {})["title"]).toBe("Time (ms)");
  expect(spanAxis("x", "Time", "seconds", spanScale([0.01, 3]), {})["title"]).toBe("Time (ms, s)");
  expect(spanAxis("y", "Cost (USD)", "plain", spanScale([1, 2]), {})["title"]).toBe("Cost (USD)");
});
