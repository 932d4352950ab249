/** The counting rules that mattered for a step, for --verbose; each stands in docs/counting.md with its reason. */
import type { StepPrediction } from "../analysis/predict-step.ts";
import type { Model } from "../architecture/model.ts";

/** A line a rule: its name in docs/counting.md and what it says here. */
export function countingRules(model: Model, prediction: StepPrediction): string {
  const rules: string[] = [];
  const kinds = model.decoder.kinds;
  const published = model.publishedWeights;
  const matters = (rule: string, text: string, holds: boolean): void => {
    if (holds) rules.push(`  ${rule}  ${text}`);
  };
  matters("E1", "of the input embedding a step reads one row a token", true);
  matters(
    "F1",
    "a multiply-add is two FLOPs; softmax, norms and activations count too and stand apart from matmul FLOPs",
    true,
  );
  matters("C1", "a step reads the context's rows and writes its new tokens' rows", prediction.phase === "decode");
  matters(
    "C2",
    "a window of w reads and keeps w rows: the token itself and the w - 1 before it",
    kinds.some((layer) => layer.attention.kind === "softmax" && layer.attention.window !== null),
  );
  matters(
    "C3",
    "a chunk reads the rows of its own chunk so far",
    kinds.some((layer) => layer.attention.kind === "softmax" && layer.attention.chunk !== null),
  );
  matters(
    "C4",
    "the fixed state of linear attention counts as cache: read and written once a step",
    kinds.some((layer) => layer.attention.kind === "linear"),
  );
  matters(
    "C5",
    "an encoder's keys and values are stored once a request and shared by its beams",
    model.encoder !== null,
  );
  matters(
    "M1",
    "of the experts a step reads the expected number of distinct ones that the batch touches",
    kinds.some((layer) => layer.feedForward.kind === "mixture"),
  );
  matters("W1", `weights as published: ${published?.format ?? ""}`, published !== null);
  matters(
    "P1",
    "figures are of one device; pipeline stages run one after the other",
    prediction.parallelism.devices > 1,
  );
  return `counting rules that mattered (docs/counting.md):\n${rules.join("\n")}\n`;
}
