/** The texts inside a roofline chart and where they stand: memory roof, ridge points, operations. */
import { unitText } from "./axis-units.ts";
import { inOrder } from "./chart-spec.ts";
import type { JsonObject } from "./json.ts";
import { type Box, placeLabels } from "./label-placement.ts";
import {
  type DrawnCeiling,
  plotHeightPx,
  type RooflineFrame,
  type RooflinePoint,
  type RooflineSlope,
  rounded,
} from "./roofline-frame.ts";
import { textWidth } from "./text-width.ts";
import { textFontPx } from "./theme.ts";

/** Points nearer than this to each other share a label. */
const sameLabelPx = 11;
const labelWidthPx = 190;

export interface PointLabel {
  readonly align: "left" | "right";
  readonly row: JsonObject;
  /** From the point to its label. */
  readonly leader: JsonObject[];
}

/** One label for points that lie on each other, largest share first. */
export function pointLabels(
  points: readonly RooflinePoint[],
  ceilings: readonly DrawnCeiling[],
  slopes: readonly RooflineSlope[],
  frame: RooflineFrame,
): PointLabel[] {
  const peak = Math.max(...ceilings.map((ceiling) => ceiling.flopsPerSecond));
  const clusters: { x: number; y: number; names: string[]; series: string }[] = [];
  const several = inOrder(points.map((point) => point.series)).length > 1;
  for (const point of [...points].sort((a, b) => b.share - a.share)) {
    const at = { x: frame.toX(point.intensity), y: frame.toY(point.flopsPerSecond) };
    const near = clusters.find((cluster) => Math.hypot(cluster.x - at.x, cluster.y - at.y) < sameLabelPx);
    if (near === undefined) {
      clusters.push({ ...at, names: [point.operation], series: several ? ` (${point.series})` : "" });
      continue;
    }
    if (!near.names.includes(point.operation)) near.names.push(point.operation);
    // A label says whose it is where it stands for one series of several.
    if (near.series !== ` (${point.series})`) near.series = "";
  }
  const texts = clusters.map((cluster) => joinedNames(cluster.names) + cluster.series);
  const taken: Box[] = [
    ...points.map((point) => {
      const [x, y, half] = [
        frame.toX(point.intensity),
        frame.toY(point.flopsPerSecond),
        5 + 8 * Math.sqrt(point.share),
      ];
      return { left: x - half, right: x + half, top: y - half, bottom: y + half };
    }),
    ...ceilings.map((ceiling, index) => ({
      left: frame.toX(ceiling.ridge) - 2,
      right: frame.toX(ceiling.ridge) + 8 + textWidth(ridgeText(ceiling), textFontPx),
      top: plotHeightPx - 18 - 15 * index,
      bottom: plotHeightPx - 3 - 15 * index,
    })),
    ...ceilings.map((ceiling, index) => ({
      left: frame.widthPx - 8 - textWidth(ceiling.label, textFontPx),
      right: frame.widthPx,
      top: frame.toY(ceiling.flopsPerSecond) - (index === 0 ? 18 : 2),
      bottom: frame.toY(ceiling.flopsPerSecond) + (index === 0 ? 2 : 18),
    })),
    ...slopes.flatMap((slope) => slopeLabelBoxes(slope, frame, peak)),
    // The ceilings' lines themselves.
    ...ceilings.map((ceiling) => ({
      left: frame.toX(ceiling.ridge),
      right: frame.widthPx,
      top: frame.toY(ceiling.flopsPerSecond) - 1,
      bottom: frame.toY(ceiling.flopsPerSecond) + 1,
    })),
  ];
  const plot = { left: 4, top: 2, right: frame.widthPx - 2, bottom: plotHeightPx - 2 };
  const places = placeLabels(
    clusters.map((cluster, index) => ({ ...cluster, widthPx: textWidth(texts[index] ?? "", textFontPx) })),
    plot,
    taken,
  );
  return clusters.flatMap((cluster, index) => {
    const place = places[index];
    if (!place) return [];
    const row = { x: rounded(frame.xAt(place.x)), y: rounded(frame.yAt(place.y)), label: texts[index] ?? "" };
    const inner = place.align === "left" ? place.x - 2 : place.x + 2;
    const leader = {
      x: rounded(frame.xAt(cluster.x)),
      y: rounded(frame.yAt(cluster.y)),
      endX: rounded(frame.xAt(inner)),
      endY: row.y,
    };
    return [{ align: place.align, row, leader: Math.abs(place.y - cluster.y) > 12 ? [leader] : [] }];
  });
}

/** Where a slope is drawn: from where it enters the plot to the highest ceiling. */
export function slopeEnds(bandwidth: number, frame: RooflineFrame, peak: number): [from: number, to: number] {
  return [Math.max(frame.x[0], frame.y[0] / bandwidth), peak / bandwidth];
}

/** On the slope, beyond the middle between where it enters the plot and its last ridge. */
export function slopeLabel(
  { name, bandwidthBytesPerSecond: bandwidth }: RooflineSlope,
  frame: RooflineFrame,
  peak: number,
): { x: number; y: number; label: string } {
  const [start, topRidge] = slopeEnds(bandwidth, frame, peak);
  const at = start * (topRidge / start) ** 0.72;
  return { x: rounded(at), y: rounded(at * bandwidth), label: `${name} ${unitText("bytesPerSecond", bandwidth)}` };
}

/** Of a ridge point: its intensity to 3 digits. */
export function ridgeText(ceiling: DrawnCeiling): string {
  return `ridge ${Number(ceiling.ridge.toPrecision(3))} FLOP/B`;
}

/** The turned label as a row of small boxes along it. */
function slopeLabelBoxes(slope: RooflineSlope, frame: RooflineFrame, peak: number): Box[] {
  const { x, y, label } = slopeLabel(slope, frame, peak);
  const turn = (frame.slopeDegrees * Math.PI) / 180;
  const half = textWidth(label, textFontPx) / 2;
  return [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1].map((part) => {
    const centreX = frame.toX(x) + part * half * Math.cos(turn) + 10 * Math.sin(turn);
    const centreY = frame.toY(y) + part * half * Math.sin(turn) - 10 * Math.cos(turn);
    return { left: centreX - 7, right: centreX + 7, top: centreY - 7, bottom: centreY + 7 };
  });
}

/** As many names as fit in a label, then how many more there are. */
function joinedNames(names: readonly string[]): string {
  for (let count = names.length; count > 1; count--) {
    const more = names.length - count;
    const text = names.slice(0, count).join(", ") + (more > 0 ? ` +${more}` : "");
    if (textWidth(text, textFontPx) <= labelWidthPx) return text;
  }
  return names.length > 1 ? `${names[0]} +${names.length - 1}` : (names[0] ?? "");
}
