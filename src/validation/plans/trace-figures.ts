/**
 * What a table says of request traces (columns trace, field, statistic, value): lengths as quantiles, and how often requests come.
 * Traces whose figures repeat another's, and those without lengths, are left out.
 */
import { parseCsv } from "../../measurement/parse-csv.ts";
import { type LengthDistribution, type LengthQuantiles, quantileLengths } from "../../serving/length-distribution.ts";

export interface LengthFigures {
  /** Made of the quantiles; between them straight lines or an exponential tail, whichever gives the mean more nearly. */
  readonly lengths: LengthDistribution;
  readonly mean: number;
  /** By its name, such as "p50". */
  readonly quantiles: Readonly<Record<`p${number}`, number>>;
}

export interface TraceFigures {
  readonly name: string;
  readonly input: LengthFigures;
  readonly output: LengthFigures;
  /** Null where the table does not say. */
  readonly requestsPerSecond: number | null;
}

type Fields = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** @throws InvalidInput for text that is no table, and for quantiles that fall */
export function traceFigures(text: string, name: string): TraceFigures[] {
  const seen = new Set<string>();
  return [...fieldsByTrace(text, name)].flatMap(([trace, fields]): TraceFigures[] => {
    const input = lengthFigures(fields.get("input_tokens"));
    const output = lengthFigures(fields.get("output_tokens"));
    if (input === null || output === null) return [];
    const same = `${input.lengths.text}|${output.lengths.text}`;
    if (seen.has(same)) return [];
    seen.add(same);
    const requestsPerSecond = fields.get("arrivals")?.get("mean_rate_per_s") ?? null;
    return [{ name: trace, input, output, requestsPerSecond }];
  });
}

function fieldsByTrace(text: string, name: string): Map<string, Fields> {
  const traces = new Map<string, Map<string, Map<string, number>>>();
  const records = parseCsv(text, name);
  const header = records.next();
  const columns = header.done === true ? [] : header.value.cells;
  for (const { cells } of records) {
    const cell = (column: string): string => cells[columns.indexOf(column)] ?? "";
    const value = Number(cell("value"));
    if (!Number.isFinite(value)) continue;
    const fields = traces.get(cell("trace")) ?? new Map<string, Map<string, number>>();
    traces.set(cell("trace"), fields);
    const statistics = fields.get(cell("field")) ?? new Map<string, number>();
    fields.set(cell("field"), statistics);
    statistics.set(cell("statistic"), value);
  }
  return traces;
}

function lengthFigures(statistics: ReadonlyMap<string, number> | undefined): LengthFigures | null {
  const mean = statistics?.get("mean");
  if (statistics === undefined || mean === undefined) return null;
  const quantiles: Record<`p${number}`, number> = {};
  const points: Point[] = [];
  for (const [statistic, value] of statistics) {
    if (!/^p\d+(\.\d+)?$/.test(statistic)) continue;
    quantiles[statistic as `p${number}`] = value;
    points.push([Number(statistic.slice(1)) / 100, value]);
  }
  if (points.length === 0) return null;
  points.sort((a, b) => a[0] - b[0]);
  const ends = { min: Math.max(1, statistics.get("min") ?? 1), max: statistics.get("max") ?? points.at(-1)![1] };
  const made = [straight, falling].map((between) => quantileLengths(closer(points, ends, between)));
  const lengths = made.reduce((a, b) => (Math.abs(b.mean - mean) < Math.abs(a.mean - mean) ? b : a));
  return { lengths, mean, quantiles };
}

type Point = readonly [share: number, length: number];

/** How far between the lengths of two quantiles a share between them lies, 0 to 1. */
type Between = (share: number, from: number, to: number) => number;

const straight: Between = (share, from, to) => (share - from) / (to - from);

/** Longer lengths get rarer exponentially; beyond the last quantile down to a twentieth of what lies beyond it. */
const falling: Between = (share, from, to) => {
  const last = Math.max(1 - to, (1 - from) / 20);
  return Math.min(1, Math.log((1 - from) / (1 - share)) / Math.log((1 - from) / last));
};

const parts = 8;

/** The quantiles, and more between each two. */
function closer(points: readonly Point[], ends: { readonly min: number; readonly max: number }, between: Between) {
  const all: readonly Point[] = [[0, ends.min], ...points, [1, ends.max]];
  const quantiles: Record<`p${number}`, number> & { min?: number; max?: number } = { ...ends };
  for (let i = 1; i < all.length; i++) {
    const [from, a] = all[i - 1]!;
    const [to, b] = all[i]!;
    for (let part = i === 1 ? 1 : 0; part < parts; part++) {
      const share = from + ((to - from) * part) / parts;
      quantiles[`p${Number((100 * share).toPrecision(12))}`] = part === 0 ? a : a + (b - a) * between(share, from, to);
    }
  }
  return quantiles as LengthQuantiles;
}
