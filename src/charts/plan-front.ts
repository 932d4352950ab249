/**
 * Plans as points: the time an output token against what it costs, or against what a device puts out. A stepped line joins the
 * front, on which no plan is both faster and cheaper; the best plan has a ring and its name.
 */
import { unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { type FramedLabel, framedLabels, haloText, plotFrame, yLabelsPx } from "./plot-frame.ts";
import { legendColumns, seriesColour } from "./series-legend.ts";
import { spanAxis, spanScale } from "./span-scale.ts";
import { cutText, textWidth } from "./text-width.ts";
import { textFontPx } from "./theme.ts";

export interface PlanFrontPoint {
  /** The plan in short, such as "2 × TP 4". */
  readonly label: string;
  readonly hardware: string;
  /** Time an output token at the percentile. */
  readonly xSeconds: number;
  readonly y: number;
  readonly onFront: boolean;
  readonly isBest: boolean;
  /** It misses an objective. */
  readonly fails?: boolean;
}

export interface PlanFrontInput extends ChartTitle {
  readonly points: readonly PlanFrontPoint[];
  readonly yKind: "cost per million tokens" | "tokens a second and device";
  readonly objectiveSeconds: number | null;
  /** Of the time an output token, 95 unless given. */
  readonly percentile?: number;
  /** Of the cost, USD unless given. */
  readonly currency?: string;
}

const heightPx = 340;
const labelPx = 230;

/** @throws InvalidInput for no points, or a time, cost, rate, objective or percentile that is not a positive number */
export function planFrontChart(input: PlanFrontInput): ChartSpec {
  const { points, objectiveSeconds, percentile = 95, currency = "USD" } = input;
  requirePositive("percentile", percentile);
  if (objectiveSeconds !== null) requirePositive("objectiveSeconds", objectiveSeconds);
  for (const [index, point] of points.entries()) {
    requirePositive(`points[${index}].xSeconds`, point.xSeconds);
    requirePositive(`points[${index}].y`, point.y);
  }
  const isRate = input.yKind === "tokens a second and device";
  const yTitle = isRate ? "Output a device (tokens/s)" : `Cost (${currency} per million tokens)`;
  const hardware = inOrder(points.map((point) => point.hardware));
  const xScale = spanScale([...points.map((each) => each.xSeconds), ...(objectiveSeconds ? [objectiveSeconds] : [])]);
  const yScale = spanScale(points.map((point) => point.y));
  const frame = plotFrame(xScale, yScale, heightPx);
  const x = spanAxis("x", `Time an output token, p${percentile}`, "seconds", xScale, { labelOverlap: "greedy" });
  const y = spanAxis("y", yTitle, "plain", yScale, {
    labelExpr: "format(datum.value, ',.6~g')",
    minExtent: yLabelsPx,
    maxExtent: yLabelsPx,
  });
  const rows = points.map(
    (point): JsonObject => ({
      series: point.hardware,
      label: point.label,
      x: point.xSeconds,
      y: point.y,
      onFront: point.onFront,
      best: point.isBest,
      meets: point.fails !== true,
    }),
  );
  const front = points.filter((point) => point.onFront).sort((a, b) => a.xSeconds - b.xSeconds);
  const best = points.filter((point) => point.isBest);
  const named = (point: PlanFrontPoint): FramedLabel => {
    const whole = hardware.length > 1 ? `${point.label}, ${point.hardware}` : point.label;
    // Colour and shape say the hardware too.
    const text = textWidth(whole, textFontPx) > labelPx ? point.label : whole;
    return { x: point.xSeconds, y: point.y, text: cutText(text, labelPx, textFontPx) };
  };
  const good = front.filter((point) => point.fails !== true);
  // The best, and both ends of the front: what speed costs, and what patience saves.
  const others = inOrder([good.at(0), good.at(-1)]).filter((point) => point !== undefined && !point.isBest);
  const marked = points.map((point) => ({ x: point.xSeconds, y: point.y }));
  const opaque = {
    ...seriesColour(hardware),
    legend: { title: null, columns: legendColumns(hardware, frame.widthPx), symbolOpacity: 1 },
  };
  const colours = { color: opaque, shape: opaque };
  const marks = (filter: string, mark: JsonObject): JsonObject => ({
    transform: [{ filter }],
    mark: { type: "point", size: 50, ...mark },
    encoding: { x, y, ...colours },
  });
  return chartSpec({
    ...input,
    chart: "plan-front",
    description: `Points: ${isRate ? "output tokens a second and device" : "cost per million tokens"} against the time an output token, one a plan, for ${hardware.join(", ")}; a stepped line joins the front${best.length === 0 ? "" : `; the best: ${best.map((each) => each.label).join(", ")}`}${objectiveSeconds === null ? "" : `; objective ${unitText("seconds", objectiveSeconds)}`}`,
    notes: [
      ...best.map((point) => `ring: the best, ${point.label}${hardware.length > 1 ? ` on ${point.hardware}` : ""}`),
      `line: the front; faint: off it${points.some((point) => point.fails === true) ? "; hollow: misses an objective" : ""}`,
    ],
    columns: [
      { field: "series", title: "Hardware" },
      { field: "label", title: "Plan" },
      { field: "x", title: `Time an output token, p${percentile} (s)` },
      { field: "y", title: yTitle },
      { field: "onFront", title: "On the front" },
      { field: "best", title: "Best" },
      { field: "meets", title: "Meets the objectives" },
    ],
    rows,
    view: {
      width: frame.widthPx,
      height: heightPx,
      layer: [
        ...(objectiveSeconds === null
          ? []
          : objective(objectiveSeconds, frame.toX(objectiveSeconds), x, frame.widthPx)),
        ...(front.length < 2
          ? []
          : [
              {
                data: { values: front.map((point) => ({ x: point.xSeconds, y: point.y })) },
                mark: { type: "line", style: "link", interpolate: "step-after", strokeWidth: 1.5 },
                encoding: { x, y },
              },
            ]),
        marks("!datum.onFront && datum.meets", { filled: true, opacity: 0.4 }),
        marks("!datum.meets", { filled: false, opacity: 0.45, strokeWidth: 1.5 }),
        marks("datum.onFront && datum.meets", { filled: true, opacity: 1, size: 60 }),
        ...(best.length === 0
          ? []
          : [
              {
                data: { values: best.map((point) => ({ x: point.xSeconds, y: point.y })) },
                mark: { type: "point", style: "annotation", filled: false, size: 260, strokeWidth: 2, opacity: 1 },
                encoding: { x, y },
              },
            ]),
        ...framedLabels(
          [...best, ...others].flatMap((point) => (point === undefined ? [] : [named(point)])),
          marked,
          frame,
          "annotation",
          { x, y },
        ),
      ],
    },
  });
}

/** A dashed rule with its name at the top, on the side with more room. */
function objective(seconds: number, atPx: number, x: JsonObject, widthPx: number): JsonObject[] {
  const label = `objective ${unitText("seconds", seconds)}`;
  const isRight = widthPx - atPx > textWidth(label, textFontPx, true) + 10;
  return [
    {
      data: { values: [{ x: seconds }] },
      mark: { type: "rule", style: "limit", strokeWidth: 1.5, strokeDash: [5, 4] },
      encoding: { x },
    },
    ...haloText(
      [{ x: seconds, label }],
      "limit-label",
      { align: isRight ? "left" : "right", dx: isRight ? 5 : -5, y: 9 },
      { x },
    ),
  ];
}
