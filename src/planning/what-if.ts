/** What the fleet would be if the model, its formats or its lengths were others: the search again for each change, beside the plan's. */
import { type Candidate, fleetText } from "./candidate.ts";
import type { PlanQuestion } from "./plan-question.ts";
import { byRelevance, qualityOfChange, qualityText } from "./quality-of-change.ts";
import { searchFleets } from "./search.ts";
import { applyWhatIf, parseWhatIf } from "./what-if-change.ts";

export interface WhatIfRow {
  /** As it was asked, and for people. */
  readonly change: string;
  readonly label: string;
  /** Null where no fleet holds, as all figures below. */
  readonly hardware: string | null;
  readonly fleet: string | null;
  readonly devices: number | null;
  readonly costPerHour: number | null;
  readonly costPerMillionTokens: number | null;
  readonly tpotSeconds: number | null;
  readonly ttftSeconds: number | null;
  /** Bytes of cache a request of mean length holds on one device. */
  readonly requestCacheBytes: number | null;
  /** Published quality of such a change, of other models, what says most first. */
  readonly quality: readonly string[];
}

/** @throws InvalidInput for a change that is not understood or that the model can't have */
export function whatIfRows(question: PlanQuestion, best: Candidate | null, changes: readonly string[]): WhatIfRow[] {
  const rows = changes.map((text) => {
    const change = parseWhatIf(text);
    const changed = applyWhatIf(question, change);
    const found = searchFleets(changed, false).candidates[0] ?? null;
    return rowOf(text, change.label, found, byRelevance(qualityOfChange(question, changed)).map(qualityText));
  });
  return rows.length === 0 ? [] : [rowOf("", "as it is", best, []), ...rows];
}

function rowOf(change: string, label: string, found: Candidate | null, quality: readonly string[]): WhatIfRow {
  const { input, output } = found?.planned.open.workload ?? { input: { mean: 0 }, output: { mean: 0 } };
  return {
    ...{ change, label, quality },
    hardware: found?.machine.hardware.id ?? null,
    fleet: found === null ? null : fleetText(found),
    devices: found?.devices ?? null,
    costPerHour: found?.costPerHour ?? null,
    costPerMillionTokens: found?.costPerMillionTokens ?? null,
    tpotSeconds: found?.load.tpotSeconds ?? null,
    ttftSeconds: found?.load.ttftSeconds ?? null,
    requestCacheBytes: found === null ? null : found.planned.replica.requestBytes(input.mean + output.mean),
  };
}
