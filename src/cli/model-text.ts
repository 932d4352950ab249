/** Models for reading: their list, and one in full. */
import { formatBytes, formatCount, formatPercent } from "../quantity/format-quantity.ts";
import { cutTo } from "./list-arguments.ts";
import type { ShownModel } from "./shown-model.ts";
import { type Column, textTable } from "./text-table.ts";

/** One model of the list. */
export interface ModelRow {
  readonly id: string;
  readonly name: string;
  readonly family: string | null;
  readonly parameters: number;
  readonly activeParameters: number;
  readonly attention: string;
  readonly layers: number;
  /** In 16 bits. */
  readonly kvBytesPerToken: number;
  readonly maxContext: number | null;
  readonly source: string | null;
}

const narrowColumns = 140;

/** A line a model; a narrow terminal leaves the full names out, and sources are cut to what is left. */
export function modelListText(rows: readonly ModelRow[], widthColumns: number): string {
  const named = widthColumns >= narrowColumns;
  const columns: Column[] = [
    { title: "id" },
    ...(named ? [{ title: "name", align: "left" as const }] : []),
    { title: "params" },
    { title: "attention", align: "left" },
    { title: "layers" },
    { title: "K/V a token" },
    { title: "context" },
  ];
  const cells = rows.map((row) => [
    row.id,
    ...(named ? [row.name] : []),
    formatCount(row.parameters),
    cutTo(row.attention, named ? 36 : 17),
    String(row.layers),
    formatBytes(row.kvBytesPerToken),
    row.maxContext === null ? "-" : String(row.maxContext),
  ]);
  const used = Math.max(
    ...textTable(columns, cells)
      .split("\n")
      .map((line) => line.length),
  );
  const left = Math.max(12, widthColumns - used - 2);
  const withSource = cells.map((line, i) => [...line, cutTo(rows[i]?.source ?? "-", left)]);
  return textTable([...columns, { title: "source", align: "left" }], withSource);
}

/** Everything about one model. */
export function modelText(model: ShownModel): string {
  const parts = [
    `${model.name} (${model.id})\n`,
    summary(model),
    layerTable(model),
    textTable(
      [{ title: "weights in" }, { title: "bytes" }, { title: "exactly" }],
      model.weightBytes.map(({ format, bytes }) => [
        format === "published" ? `published (${model.publishedFormat})` : format,
        formatBytes(bytes),
        String(bytes),
      ]),
    ),
    model.notes.map((note) => `note: ${note}\n`).join(""),
    model.source === null ? "" : `source: ${model.source}\n`,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function summary(model: ShownModel): string {
  const active = model.activeParameters === model.parameters ? "" : `, ${whole(model.activeParameters)} active`;
  const encoder = model.encoderLayers > 0 ? ` and ${model.encoderLayers} of an encoder` : "";
  const equal = model.cacheEqualsWeightsContext;
  const lines: [string, string][] = [
    ["parameters", `${whole(model.parameters)} (${formatCount(model.parameters)})${active}`],
    ...reportedLine(model),
    ["attention", model.attention],
    ["layers", `${model.layers}${encoder}; width ${model.dModel}, vocabulary ${model.vocab}`],
    ["longest context", model.maxContext === null ? "unknown or unlimited" : `${whole(model.maxContext)} tokens`],
    ["K/V a token", `${whole(model.kvBytesPerToken)} B in 16 bits`],
    [
      "cache = weights",
      equal === null
        ? "never: the cache stays smaller than the weights"
        : `at ${whole(equal)} tokens (one sequence, 16-bit cache, published weights)`,
    ],
  ];
  return lines.map(([name, value]) => `${name.padEnd(17)}${value}\n`).join("");
}

function reportedLine({ reported }: ShownModel): [string, string][] {
  if (reported === null) return [];
  const source = reported.source === null ? "" : `, ${reported.source}`;
  const sign = reported.difference >= 0 ? "+" : "";
  const why = reported.explained === null ? "" : `: ${reported.explained}`;
  return [
    ["reported", `${reported.value}${source}; the count differs by ${sign}${formatPercent(reported.difference)}${why}`],
  ];
}

function layerTable(model: ShownModel): string {
  const several = model.encoderLayers > 0;
  return textTable(
    [
      { title: "layers" },
      { title: "kind", align: "left" },
      { title: "attention", align: "left" },
      { title: "feed-forward", align: "left" },
      { title: "params each" },
      { title: "K/V a token" },
    ],
    model.layerKinds.map((kind) => [
      String(kind.count),
      several ? `${kind.stack}: ${kind.name}` : kind.name,
      kind.attention,
      kind.feedForward,
      formatCount(kind.parameters),
      formatBytes(kind.kvBytesPerToken),
    ]),
  );
}

function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
