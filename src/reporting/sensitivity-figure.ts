/** What each change would save of a step: a sensitivity report as the rows of a bar chart. */
import type { SensitivityReport } from "../analysis/sensitivity.ts";
import { describeAttention } from "../architecture/attention-variant.ts";
import type { Model } from "../architecture/model.ts";
import type { ChartSpec } from "../charts/chart-spec.ts";
import { sensitivityChart } from "../charts/sensitivity.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { engineName } from "./timing-words.ts";

/**
 * The changes that leave a step which fits; null where the step itself does not fit, so that nothing can be saved of it, or no
 * change fits.
 */
export function sensitivityFigure(report: SensitivityReport, model: Model, hardware: Hardware): ChartSpec | null {
  const { seconds } = report.baseline;
  const rows = report.changes.flatMap((each) =>
    each.seconds === null ? [] : [{ change: each.change, stepSeconds: each.seconds }],
  );
  if (seconds === null || rows.length === 0) return null;
  const timing = report.engine === null ? "" : `, calibrated: ${engineName(report.engine)}`;
  return sensitivityChart({
    title: `${model.name}: what a change would save of a step`,
    subtitle: `${describeAttention(model)} on ${hardware.name}, ${report.phase === "prefill" ? "prefill, " : ""}batch ${report.batch}, context ${report.context}${timing}`,
    stepSeconds: seconds,
    rows,
  });
}
