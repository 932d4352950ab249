/** Where a roofline chart's axes begin and end, and which px a value stands at. */
import { logTicks, unitText } from "./axis-units.ts";
import { inOrder } from "./chart-spec.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface RooflineCeiling {
  /** The number format in which this rate holds. */
  readonly format: string;
  readonly flopsPerSecond: number;
}

export interface RooflinePoint {
  readonly series: string;
  readonly operation: string;
  /** FLOP a byte; an operation with 0 is named below the title instead of drawn. */
  readonly intensity: number;
  readonly flopsPerSecond: number;
  /** The operation's part of the step's time, 0 to 1: the mark's area. */
  readonly share: number;
}

/** A level of memory: its roof rises with the intensity. */
export interface RooflineSlope {
  readonly name: string;
  readonly bandwidthBytesPerSecond: number;
}

export interface RooflineMachine {
  readonly name: string;
  readonly bandwidthBytesPerSecond: number;
  /** Caches that operations of the chart come from, if any. */
  readonly caches?: readonly RooflineSlope[];
  readonly ceilings: readonly RooflineCeiling[];
}

export const plotHeightPx = 330;

/** A ceiling as it is drawn: formats of the same rate together. */
export interface DrawnCeiling {
  readonly label: string;
  readonly flopsPerSecond: number;
  readonly ridge: number;
}

/** Formats of the same rate share a ceiling; from the highest to the lowest. */
export function drawnCeilings(machine: RooflineMachine): DrawnCeiling[] {
  return inOrder(machine.ceilings.map((ceiling) => ceiling.flopsPerSecond))
    .sort((a, b) => b - a)
    .map((flopsPerSecond) => {
      const formats = machine.ceilings
        .filter((each) => each.flopsPerSecond === flopsPerSecond)
        .map((each) => each.format);
      return {
        label: `${inOrder(formats).join(", ")} ${unitText("flopsPerSecond", flopsPerSecond)}`,
        flopsPerSecond,
        ridge: flopsPerSecond / machine.bandwidthBytesPerSecond,
      };
    });
}

export interface RooflineFrame {
  readonly x: [number, number];
  readonly y: [number, number];
  readonly widthPx: number;
  readonly slopeDegrees: number;
  readonly toX: (intensity: number) => number;
  readonly toY: (flopsPerSecond: number) => number;
  readonly xAt: (px: number) => number;
  readonly yAt: (px: number) => number;
}

/** Domains, and the px of a value, with the plot's width estimated from its axis labels. */
export function rooflineFrame(
  machine: RooflineMachine,
  ceilings: readonly DrawnCeiling[],
  points: readonly RooflinePoint[],
): RooflineFrame {
  const bandwidth = machine.bandwidthBytesPerSecond;
  const ridges = ceilings.map((ceiling) => ceiling.ridge);
  const intensities = points.map((point) => point.intensity);
  const left =
    10 ** Math.floor(Math.log10(Math.min(Math.min(...ridges) / 10, ...intensities.map((each) => each / 1.5))));
  const right = 10 ** Math.ceil(Math.log10(Math.max(Math.max(...ridges) * 8, ...intensities.map((each) => each * 2))));
  const peak = Math.max(...ceilings.map((ceiling) => ceiling.flopsPerSecond));
  const low = Math.min(left * bandwidth, ...points.map((point) => point.flopsPerSecond)) / 1.6;
  const x: [number, number] = [Number(left.toPrecision(6)), Number(right.toPrecision(6))];
  const y: [number, number] = [rounded(low), rounded(peak * 4)];
  const yLabelPx = Math.max(...logTicks(...y).map((tick) => textWidth(unitText("flopsPerSecond", tick), textFontPx)));
  const widthPx = chartWidthPx - 2 * chartPaddingPx - yLabelPx - 30;
  const pxPerXDecade = widthPx / Math.log10(x[1] / x[0]);
  const pxPerYDecade = plotHeightPx / Math.log10(y[1] / y[0]);
  return {
    x,
    y,
    widthPx,
    slopeDegrees: rounded((-Math.atan2(pxPerYDecade, pxPerXDecade) * 180) / Math.PI),
    toX: (value) => Math.log10(value / x[0]) * pxPerXDecade,
    toY: (value) => plotHeightPx - Math.log10(value / y[0]) * pxPerYDecade,
    xAt: (px) => x[0] * 10 ** (px / pxPerXDecade),
    yAt: (px) => y[0] * 10 ** ((plotHeightPx - px) / pxPerYDecade),
  };
}

/** Positions that come from logarithms, to 6 digits, so that the last bit of a machine's library does not show. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
