import fc from "fast-check";
import { expect, test } from "vitest";
import { placeLabels } from "../../src/charts/label-placement.ts";

const plot = { left: 0, top: 0, right: 480, bottom: 330 };

test("a lone label stands to the right of its point, just below it", () => {
  expect(placeLabels([{ x: 100, y: 100, widthPx: 50 }], plot, [])).toEqual([{ x: 112, y: 106, align: "left" }]);
});

test("at the right edge it stands to the left", () => {
  expect(placeLabels([{ x: 470, y: 100, widthPx: 50 }], plot, [])[0]?.align).toBe("right");
});

test("placed labels never overlap and never leave the plot", () => {
  const point = fc.record({
    x: fc.double({ min: 0, max: 480, noNaN: true }),
    y: fc.double({ min: 0, max: 330, noNaN: true }),
    widthPx: fc.double({ min: 10, max: 200, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 25 }), (points) => {
      const boxes = placeLabels(points, plot, []).flatMap((label, index) => {
        if (label === null) return [];
        const width = points[index]?.widthPx ?? 0;
        const left = label.align === "left" ? label.x : label.x - width;
        return [{ left, right: left + width, top: label.y - 6.5, bottom: label.y + 6.5 }];
      });
      for (const [index, a] of boxes.entries()) {
        expect(a.left).toBeGreaterThanOrEqual(0);
        expect(a.right).toBeLessThanOrEqual(480);
        expect(a.top).toBeGreaterThanOrEqual(0);
        expect(a.bottom).toBeLessThanOrEqual(330);
        for (const b of boxes.slice(0, index)) {
          expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
        }
      }
    }),
  );
});
