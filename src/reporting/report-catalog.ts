/** Where a report takes its models and machines from: whoever writes it hands them in. */
import { publishedSpeeds } from "../analysis/published-decoding-speed.ts";
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";

export interface ReportCatalog {
  readonly model: (id: string) => Model;
  readonly hardware: (id: string) => Hardware;
}

/** The paper's translation models by id. */
export function paperModels(model: (id: string) => Model): Map<string, Model> {
  return new Map(publishedSpeeds.map((published) => [published.modelId, model(published.modelId)]));
}
