/** What a row of a whole engine says of its prediction: whether it lies where nine of ten such rows should. */
import { formatSeconds } from "../quantity/format-quantity.ts";
import type { ErrorExplanation } from "./explain-error.ts";
import type { RowPrediction } from "./predict-row.ts";

export function explainRun(measuredSeconds: number, { interval }: Pick<RowPrediction, "interval">): ErrorExplanation {
  if (interval === null)
    return { reason: "no-interval", explanation: "no interval is known for such figures of this engine" };
  const { low, high } = interval;
  const range = `${formatSeconds(low)} to ${formatSeconds(high)}, the 90 % interval`;
  return low <= measuredSeconds && measuredSeconds <= high
    ? { reason: "in-interval", explanation: `inside ${range}` }
    : { reason: "beyond-interval", explanation: `outside ${range}` };
}
