/** The memory of one device by what it holds, a bar a candidate, against what the device has. */
import { unitLabelExpr, unitNames, unitText } from "./axis-units.ts";
import { type ChartSpec, type ChartTitle, chartSpec, inOrder } from "./chart-spec.ts";
import { requireNotNegative, requirePositive } from "./drawable.ts";
import type { JsonObject } from "./json.ts";
import { legendColumns } from "./series-legend.ts";
import { textWidth } from "./text-width.ts";
import { chartPaddingPx, chartWidthPx, textFontPx } from "./theme.ts";

export interface PlanMemoryPart {
  /** "weights", "cache", "activations", "runtime", "collective buffers", "fragmentation", "reserve" or "free". */
  readonly name: string;
  readonly bytes: number;
}

export interface PlanMemoryBar {
  /** The candidate. */
  readonly label: string;
  /** In the order in which they are stacked. */
  readonly parts: readonly PlanMemoryPart[];
  /** Of the device. */
  readonly capacityBytes: number;
}

export interface PlanMemoryInput extends ChartTitle {
  readonly bars: readonly PlanMemoryBar[];
}

const barPx = 24;
const labelsPx = 240;
/** Not coloured: kept back, or not used. */
const reserve = "reserve";
const free = "free";

/** @throws InvalidInput for no bars, a number of bytes below 0, or a capacity that is not a positive number */
export function planMemoryChart(input: PlanMemoryInput): ChartSpec {
  const { bars } = input;
  for (const [index, { parts, capacityBytes }] of bars.entries()) {
    requirePositive(`bars[${index}].capacityBytes`, capacityBytes);
    for (const [at, part] of parts.entries()) requireNotNegative(`bars[${index}].parts[${at}].bytes`, part.bytes);
  }
  const labels = distinct(bars.map((bar) => bar.label));
  const allParts = bars.flatMap((bar) => bar.parts);
  const named = inOrder(allParts.map((part) => part.name)).filter((name) =>
    allParts.some((part) => part.name === name && part.bytes > 0),
  );
  const coloured = named.filter((name) => name !== reserve && name !== free);
  const rows = bars.flatMap(({ parts, capacityBytes }, index) => {
    const label = labels[index] ?? "";
    let from = 0;
    return parts.map(({ name, bytes }): JsonObject => {
      const row = { label, part: name, bytes, capacityBytes, from, to: from + bytes };
      from += bytes;
      return row;
    });
  });
  const totals = bars.map(({ parts, capacityBytes }, index) => {
    const held = parts.reduce((sum, part) => sum + (part.name === free ? 0 : part.bytes), 0);
    const used = held - parts.reduce((sum, part) => sum + (part.name === reserve ? part.bytes : 0), 0);
    return {
      label: labels[index] ?? "",
      end: Math.max(held, capacityBytes),
      used,
      capacityBytes,
      held,
    };
  });
  const most = Math.max(...totals.map((total) => total.end));
  const texts = totals.map(({ label, end, used, held, capacityBytes }) => {
    const [text, of] = [unitText("bytes", used), unitText("bytes", capacityBytes)];
    return { label, end, isOver: held > capacityBytes, text: `${text} of ${of}` };
  });
  const namesPx = Math.max(...labels.map((name) => Math.min(labelsPx, textWidth(name, textFontPx))));
  const textPx = Math.max(...texts.map(({ text }) => textWidth(text, textFontPx, true))) + 10;
  const widthPx = Math.round(chartWidthPx - 2 * chartPaddingPx - namesPx - 12);
  const domain = [0, Number(((most * widthPx) / (widthPx - textPx)).toPrecision(6))];
  const y = {
    field: "label",
    type: "nominal",
    title: null,
    sort: null,
    scale: { domain: labels, paddingInner: 0.28, paddingOuter: 0.14 },
    axis: { ticks: false, domain: false, labelLimit: labelsPx, labelPadding: 6, grid: false },
  };
  const x = {
    field: "from",
    type: "quantitative",
    title: `Memory of a device (${unitNames("bytes", [most])})`,
    scale: { domain, nice: false },
    axis: { labelExpr: unitLabelExpr("bytes"), tickCount: 6 },
  };
  const notes = [...(named.includes(reserve) ? ["grey: kept in reserve"] : []), "rule: what the device has"];
  const bar = (filter: JsonObject, mark: JsonObject, more: JsonObject = {}): JsonObject => ({
    transform: [{ filter }, { filter: "datum.bytes > 0" }],
    mark: { type: "bar", ...mark },
    encoding: { x, x2: { field: "to" }, y, ...more },
  });
  return chartSpec({
    ...input,
    chart: "plan-memory",
    description: `Stacked bars: memory of one device as ${named.join(", ")}, a bar each for ${labels.join(", ")}, with the device's capacity`,
    notes: [notes.join("; ")],
    columns: [
      { field: "label", title: "Candidate" },
      { field: "part", title: "Part" },
      { field: "bytes", title: "Memory (B)" },
      { field: "capacityBytes", title: "Capacity (B)" },
    ],
    rows,
    view: {
      width: widthPx,
      height: barPx * labels.length,
      layer: [
        bar(
          { field: "part", oneOf: coloured },
          {},
          {
            color: {
              field: "part",
              type: "nominal",
              scale: { domain: coloured },
              legend: {
                title: null,
                columns: legendColumns(coloured, widthPx),
                symbolType: "square",
                symbolStrokeWidth: 0,
              },
            },
          },
        ),
        bar({ field: "part", equal: reserve }, { style: "no-fit-cell" }),
        {
          data: { values: totals.map(({ label, capacityBytes }) => ({ label, from: capacityBytes })) },
          mark: { type: "tick", orient: "vertical", style: "limit", thickness: 2, opacity: 1, size: barPx },
          encoding: { x, y },
        },
        ...[false, true].flatMap((isOver) => {
          const values = texts.filter((each) => each.isOver === isOver);
          return values.length === 0 ? [] : [totalText(values, isOver, x, y)];
        }),
      ],
    },
  });
}

/** What is used of what there is, behind the end of each bar. */
function totalText(
  texts: readonly { readonly label: string; readonly end: number; readonly text: string }[],
  isOver: boolean,
  x: JsonObject,
  y: JsonObject,
): JsonObject {
  return {
    data: { values: texts.map(({ label, end, text }) => ({ label, from: end, text })) },
    mark: { type: "text", style: isOver ? "limit-label" : "annotation", align: "left", baseline: "middle", dx: 6 },
    encoding: { x, y, text: { field: "text", type: "nominal" } },
  };
}

/** Of equal labels the later ones numbered, so that each bar has a place of its own. */
function distinct(labels: readonly string[]): string[] {
  return labels.map((label, index) => {
    const before = labels.slice(0, index).filter((other) => other === label).length;
    return before === 0 ? label : `${label} (${before + 1})`;
  });
}
