/** The charts of the accuracy report: own rows as points, others' tables as quantiles. */
import type { ChartSpec } from "../charts/chart-spec.ts";
import { errorBySizeChart } from "../charts/error-by-size.ts";
import type { ErrorPoint } from "../charts/error-point.ts";
import { formulaComparisonChart } from "../charts/formula-comparison.ts";
import { intervalCoverageChart } from "../charts/interval-coverage.ts";
import { predictedAgainstMeasuredChart } from "../charts/predicted-against-measured.ts";
import { predictionErrorChart } from "../charts/prediction-error.ts";
import type { AccuracyLine } from "../validation/accuracy/accuracy-line.ts";
import type { SizeErrors } from "../validation/accuracy/error-by-size.ts";
import { simpleFormulas } from "../validation/accuracy/simple-formulas.ts";
import type { CalibrationResult } from "../validation/calibrate.ts";
import { describeRow } from "../validation/describe-row.ts";
import type { KernelSample } from "../validation/form-samples.ts";
import type { PlanChecks } from "../validation/plans/plan-checks.ts";
import { groupName } from "../validation/plans/plan-lines.ts";
import type { AccuracyChart } from "./accuracy-page.ts";

export interface AccuracyChartInput {
  readonly lines: readonly AccuracyLine[];
  /** The calibration on this project's own rows. */
  readonly own: CalibrationResult;
  readonly sizes: readonly { readonly name: string; readonly errors: readonly SizeErrors[] }[];
  readonly plans: Pick<PlanChecks, "groups">;
}

/** By the name of their files. */
export function accuracyCharts({ lines, own, sizes, plans }: AccuracyChartInput): Map<string, AccuracyChart> {
  const charts = new Map<string, AccuracyChart>();
  const add = (name: string, section: AccuracyChart["section"], spec: ChartSpec | null): void => {
    if (spec !== null) charts.set(name, { section, spec });
  };
  const compared = lines.filter(({ part, simple }) => !part && simple !== null);
  const firsts = compared.filter((line, i) => compared.findIndex(({ section }) => section === line.section) === i);
  add("comparison", "comparison", comparison(firsts));
  const here = ["steps", "kernels", "tables"];
  add("comparison-kernels", "comparison", comparison(compared.filter(({ section }) => here.includes(section))));
  add("comparison-machines", "comparison", comparison(compared.filter(({ section }) => !here.includes(section))));
  const steps = stepPoints(own);
  const ofSteps = {
    title: "Whole steps, predicted from kernels",
    subtitle: "H100 SXM, PyTorch, the model left out of the fit",
  };
  add("steps-predicted-against-measured", "steps", drawn(predictedAgainstMeasuredChart, ofSteps, steps));
  add("steps-prediction-error", "steps", drawn(predictionErrorChart, ofSteps, steps));
  for (const kind of [...new Set(own.families.map(({ fitted }) => fitted.kind))]) {
    const rows = kernelPoints(own, kind);
    const name = kind.replace("decode-", "");
    const title = `Kernels that no fit saw: ${kind.replace("-", " ")}`;
    const subtitle = "H100 SXM, a K/V head count or matrix shape left out";
    add(
      `${name}-predicted-against-measured`,
      "kernels",
      drawn(predictedAgainstMeasuredChart, { title, subtitle }, rows),
    );
    add(`${name}-prediction-error`, "kernels", drawn(predictionErrorChart, { title, subtitle }, rows));
  }
  add("coverage", "tables", coverage(lines));
  add("error-by-size", "tables", bySize(sizes));
  add("plans-over-concurrency", "plans", overConcurrency(plans));
  return charts;
}

function drawn(
  chart: (input: { title: string; subtitle: string; rows: readonly ErrorPoint[] }) => ChartSpec,
  texts: { readonly title: string; readonly subtitle: string },
  rows: readonly ErrorPoint[],
): ChartSpec | null {
  return rows.length === 0 ? null : chart({ ...texts, rows });
}

function stepPoints({ steps }: CalibrationResult): ErrorPoint[] {
  return (steps?.heldOut ?? []).map(({ row, model, predictedSeconds }) => ({
    ...{ series: model, label: describeRow(row), measuredSeconds: row.seconds },
    predictedSeconds: rounded(predictedSeconds),
  }));
}

function kernelPoints({ families }: CalibrationResult, kind: string): ErrorPoint[] {
  return families
    .filter(({ fitted }) => fitted.kind === kind)
    .flatMap(({ fitted, heldOut }) =>
      heldOut.map(({ sample, predictedSeconds }) => ({
        ...{ series: fitted.kernel === "default" ? fitted.format : fitted.kernel },
        ...{ label: describeRow((sample as KernelSample).row), measuredSeconds: sample.seconds },
        predictedSeconds: rounded(predictedSeconds),
      })),
    );
}

/** The same digits on machines whose last bits differ. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(4));
}

function coverage(lines: readonly AccuracyLine[]): ChartSpec | null {
  const rows = lines
    .filter(({ part, errors, section }) => !part && errors.coverage90 !== undefined && section !== "steps")
    .map(({ name, errors }) => ({
      family: name,
      coverage: Number((errors.coverage90 ?? 0).toFixed(1)),
      measurements: errors.rows,
    }));
  if (rows.length === 0) return null;
  const subtitle = "rows of groups that neither the fit nor the interval saw; the A100's: none of its rows";
  return intervalCoverageChart({ title: "Measured times inside their 90 % interval", subtitle, rows });
}

function bySize(sizes: AccuracyChartInput["sizes"]): ChartSpec | null {
  const rows = sizes.flatMap(({ name, errors }) =>
    errors.map(({ fromBytes, rows: measurements, medianPercent, percentile90 }) => ({
      ...{ series: name, fromBytes, measurements },
      medianPercent: Number(medianPercent.toFixed(1)),
      percentile90: Number(percentile90.toFixed(1)),
    })),
  );
  if (rows.length === 0) return null;
  return errorBySizeChart({ title: "Error by the bytes of a call", subtitle: "H100 SXM, groups left out", rows });
}

function overConcurrency({ groups }: AccuracyChartInput["plans"]): ChartSpec | null {
  const rows = groups.flatMap((group) => {
    const { closed, simulated } = group;
    const figures = [
      ["closed form: TPOT", closed.outputToken],
      ["closed form: throughput", closed.throughput],
      ["simulation: TPOT", simulated.outputToken],
      ["simulation: throughput", simulated.throughput],
    ] as const;
    return figures.map(([series, { medianAbsolutePercentageError: error }]) => {
      return { group: groupName(group), series, medianPercent: Number(error.toFixed(1)) };
    });
  });
  // A median of nothing at all is no bar.
  const drawn = rows.filter(({ medianPercent }) => medianPercent > 0);
  if (drawn.length === 0) return null;
  const subtitle = "vLLM, TensorRT-LLM and SGLang on 1 to 8 H100, 4 to 224 requests at once";
  return formulaComparisonChart({ title: "Curves over concurrency, as plans have them", subtitle, rows: drawn });
}

function comparison(lines: readonly AccuracyLine[]): ChartSpec | null {
  const rows = lines.flatMap(({ name, errors, simple }) => {
    const figures = [
      ["Ridgepoint", errors.medianAbsolutePercentageError] as const,
      ...[...simpleFormulas].reverse().map((formula) => [formula, simple?.[formula] ?? null] as const),
    ];
    return figures.flatMap(([series, value]) =>
      value === null ? [] : [{ group: name, series, medianPercent: Number(value.toFixed(1)) }],
    );
  });
  if (rows.length === 0) return null;
  return formulaComparisonChart({
    title: "Median error on the same rows",
    subtitle: "rows that no fit saw which predicts them",
    rows,
  });
}
