/**
 * Places labels beside their points without overlaps: below and to the right first, since under a roofline that side is
 * free, then above and to the left. Greedy, in the order given; a label for which there is no room is left out.
 */

/** In px from the plot's upper left corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface PointToLabel {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
}

export interface PlacedLabel {
  /** Where the text begins, or ends when `align` is "right", and its middle line. */
  readonly x: number;
  readonly y: number;
  readonly align: "left" | "right";
}

const lineHeightPx = 13;
const besidePx = 12;
const lines = 16;
const near = 3;

/** One entry a point, null where no place was found. `plot` bounds the labels, `taken` are places to keep free. */
export function placeLabels(points: readonly PointToLabel[], plot: Box, taken: readonly Box[]): (PlacedLabel | null)[] {
  const kept: Box[] = [...taken];
  const result: (PlacedLabel | null)[] = [];
  for (const point of points) {
    let found: PlacedLabel | null = null;
    for (const candidate of candidates(point)) {
      const box = boxOf(candidate, point.widthPx);
      if (box.left < plot.left || box.right > plot.right || box.top < plot.top || box.bottom > plot.bottom) continue;
      if (kept.some((other) => overlap(box, other))) continue;
      kept.push(box);
      found = candidate;
      break;
    }
    result.push(found);
  }
  return result;
}

function* candidates(point: PointToLabel): Generator<PlacedLabel> {
  // Near on either side before far away on one.
  for (const [from, to] of [
    [0, near],
    [near, lines],
  ] as const) {
    for (let line = from; line < to; line++) {
      yield { x: point.x + besidePx, y: point.y + 6 + line * lineHeightPx, align: "left" };
    }
    for (let line = from; line < to; line++) {
      yield { x: point.x - besidePx, y: point.y - 8 - line * lineHeightPx, align: "right" };
    }
  }
}

function boxOf(label: PlacedLabel, widthPx: number): Box {
  const left = label.align === "left" ? label.x : label.x - widthPx;
  return { left, right: left + widthPx, top: label.y - lineHeightPx / 2, bottom: label.y + lineHeightPx / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
