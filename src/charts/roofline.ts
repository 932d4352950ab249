/**
 * The roofline of a machine with the operations of a step on it.
 *
 * attainable FLOP/s = min(peak, bandwidth × intensity); ridge point: intensity = peak / bandwidth
 * Source: Williams, Waterman and Patterson, "Roofline: An Insightful Visual Performance Model", CACM 52(4), 2009.
 */
import { logTicks, unitLabelExpr, unitNames, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import {
  drawnCeilings,
  plotHeightPx,
  type RooflineMachine,
  type RooflinePoint,
  type RooflineSlope,
  rooflineFrame,
  rounded,
} from "./roofline-frame.ts";
import { pointLabels, ridgeText, slopeEnds, slopeLabel } from "./roofline-labels.ts";
import { plotSize, seriesColour, seriesShape } from "./series-legend.ts";

export type { RooflineCeiling, RooflineMachine, RooflinePoint, RooflineSlope } from "./roofline-frame.ts";

export interface RooflineInput extends ChartTitle {
  readonly machine: RooflineMachine;
  readonly points: readonly RooflinePoint[];
}

/** @throws InvalidInput for no points, no ceiling, or a rate that is not a positive number */
export function rooflineChart(input: RooflineInput): ChartSpec {
  const { machine, points } = input;
  requirePositive("bandwidthBytesPerSecond", machine.bandwidthBytesPerSecond);
  requirePositive("ceilings", machine.ceilings.length);
  for (const [index, cache] of (machine.caches ?? []).entries()) {
    requirePositive(`caches[${index}].bandwidthBytesPerSecond`, cache.bandwidthBytesPerSecond);
  }
  for (const [index, ceiling] of machine.ceilings.entries()) {
    requirePositive(`ceilings[${index}].flopsPerSecond`, ceiling.flopsPerSecond);
  }
  for (const [index, point] of points.entries()) {
    requireNotNegative(`points[${index}].intensity`, point.intensity);
    requireNotNegative(`points[${index}].flopsPerSecond`, point.flopsPerSecond);
    requireNotNegative(`points[${index}].share`, point.share);
  }
  const drawn = points.filter(isDrawn);
  const undrawn = inOrder(points.filter((point) => !isDrawn(point)).map((point) => point.operation));
  const ceilings = drawnCeilings(machine);
  const frame = rooflineFrame(machine, ceilings, drawn);
  const series = inOrder(points.map((point) => point.series));
  const x = (field: string): JsonObject => ({
    field,
    type: "quantitative",
    title: "Arithmetic intensity (FLOP per byte)",
    scale: { type: "log", domain: frame.x, nice: false },
    axis: { values: logTicks(...frame.x), labelExpr: "format(datum.value, ',.7~g')" },
  });
  const y = (field: string): JsonObject => ({
    field,
    type: "quantitative",
    title: `Performance (${unitNames("flopsPerSecond", logTicks(...frame.y))})`,
    scale: { type: "log", domain: frame.y, nice: false },
    axis: { values: logTicks(...frame.y), labelExpr: unitLabelExpr("flopsPerSecond") },
  });
  const text = (values: readonly JsonObject[], style: string, mark: JsonObject): JsonObject[] =>
    values.length === 0
      ? []
      : ["halo", style].map((each) => ({
          data: { values },
          mark: { type: "text", baseline: "middle", ...mark, style: each },
          encoding: { text: { field: "label", type: "nominal" } },
        }));
  const bandwidth = machine.bandwidthBytesPerSecond;
  const peak = Math.max(...ceilings.map((ceiling) => ceiling.flopsPerSecond));
  const memory = { name: "memory", bandwidthBytesPerSecond: bandwidth };
  const caches = machine.caches ?? [];
  const slope = ({ bandwidthBytesPerSecond: rate }: RooflineSlope): JsonObject[] =>
    slopeEnds(rate, frame, peak).map((at) => ({ x: rounded(at), y: rounded(at * rate) }));
  const placed = pointLabels(drawn, ceilings, [memory, ...caches], frame);
  return chartSpec({
    ...input,
    chart: "roofline",
    description:
      `Roofline of ${machine.name}: performance against arithmetic intensity, both logarithmic; ` +
      `memory roof ${unitText("bytesPerSecond", bandwidth)}; ` +
      caches.map((each) => `${each.name} roof ${unitText("bytesPerSecond", each.bandwidthBytesPerSecond)}; `).join("") +
      ceilings
        .map((each) => `${each.label} with its ridge at ${Number(each.ridge.toPrecision(3))} FLOP a byte`)
        .join("; "),
    notes: [
      `area of a mark: the operation's share of the step's time${undrawn.length === 0 ? "" : `; not drawn, without FLOPs: ${undrawn.join(", ")}`}`,
    ],
    columns: [
      { field: "series", title: "Series" },
      { field: "operation", title: "Operation" },
      { field: "intensity", title: "Arithmetic intensity (FLOP/B)" },
      { field: "flopsPerSecond", title: "Performance (FLOP/s)" },
      { field: "sharePercent", title: "Share of step time (%)" },
    ],
    rows: points.map(({ series, operation, intensity, flopsPerSecond, share }) => ({
      series,
      operation,
      intensity,
      flopsPerSecond,
      sharePercent: Number((share * 100).toPrecision(9)),
    })),
    view: {
      ...plotSize(plotHeightPx),
      encoding: { x: x("x"), y: y("y") },
      layer: [
        {
          data: {
            values: ceilings.map(({ ridge, flopsPerSecond }) => ({
              x: rounded(ridge),
              y: flopsPerSecond,
              low: frame.y[0],
            })),
          },
          mark: { type: "rule", style: "ridge" },
          encoding: { y: y("low"), y2: { field: "y" } },
        },
        {
          data: {
            values: ceilings.map(({ ridge, flopsPerSecond }) => ({
              x: rounded(ridge),
              y: flopsPerSecond,
              end: frame.x[1],
            })),
          },
          mark: { type: "rule", style: "roof" },
          encoding: { x2: { field: "end" } },
        },
        { data: { values: slope(memory) }, mark: { type: "line", style: "roof" } },
        ...caches.map((each) => ({
          // On to the memory's ridge, where the ceiling's own line begins.
          data: { values: [...slope(each), { x: rounded(peak / bandwidth), y: peak }] },
          mark: { type: "line", style: "roof", strokeWidth: 1 },
        })),
        ...leaders(placed.flatMap((label) => label.leader)),
        {
          data: { values: ceilings.map(({ ridge, flopsPerSecond }) => ({ x: rounded(ridge), y: flopsPerSecond })) },
          mark: { type: "point", style: "ridge-point", filled: true, size: 40, opacity: 1 },
        },
        {
          transform: [{ filter: "datum.intensity > 0 && datum.flopsPerSecond > 0" }],
          mark: { type: "point", filled: true, opacity: 0.85 },
          encoding: {
            x: x("intensity"),
            y: y("flopsPerSecond"),
            color: seriesColour(series),
            shape: seriesShape(series),
            size: {
              field: "sharePercent",
              type: "quantitative",
              scale: { type: "linear", domain: [0, 100], range: [40, 500] },
              legend: null,
            },
          },
        },
        // The highest ceiling is named above its line, the others below, where the memory roof does not run through.
        ...ceilings.flatMap((each, index) =>
          text([{ x: frame.x[1], y: each.flopsPerSecond, label: each.label }], "annotation", {
            align: "right",
            dx: -4,
            dy: index === 0 ? -9 : 10,
          }),
        ),
        ...[memory, ...caches].flatMap((each, index) =>
          text([slopeLabel(each, frame, peak)], index === 0 ? "annotation" : "muted", {
            align: "center",
            angle: frame.slopeDegrees,
            dy: -10,
          }),
        ),
        ...text(
          ceilings.map((each, index) => ({
            x: rounded(each.ridge),
            y: rounded(frame.yAt(plotHeightPx - 10 - 15 * index)),
            label: ridgeText(each),
          })),
          "muted",
          { align: "left", dx: 4 },
        ),
        ...text(
          placed.filter((label) => label.align === "left").map((label) => label.row),
          "annotation",
          { align: "left" },
        ),
        ...text(
          placed.filter((label) => label.align === "right").map((label) => label.row),
          "annotation",
          { align: "right" },
        ),
      ],
    },
  });
}

/** From a point to its label, where that stands away from it. */
function leaders(values: readonly JsonObject[]): JsonObject[] {
  if (values.length === 0) return [];
  const encoding = { x2: { field: "endX" }, y2: { field: "endY" } };
  return [{ data: { values }, mark: { type: "rule", style: "leader" }, encoding }];
}

function isDrawn(point: RooflinePoint): boolean {
  return point.intensity > 0 && point.flopsPerSecond > 0;
}
