/** Where no fleet holds: what came nearest, and which single change would let one hold, each of them searched for. */

import { formatSeconds } from "../quantity/format-quantity.ts";
import { parseNumberFormat } from "../quantity/number-format.ts";
import { type Candidate, fleetText } from "./candidate.ts";
import { layoutText } from "./layout.ts";
import type { Objectives } from "./objectives.ts";
import type { PlanQuestion } from "./plan-question.ts";
import type { Refusal } from "./refusal.ts";
import { searchFleets } from "./search.ts";

export interface NearestMiss {
  readonly hardware: string;
  readonly layout: string;
  readonly reason: string;
  /** What it needs over what it may have. */
  readonly shortBy: number;
  /** Changes that let a fleet hold, with the fleet. */
  readonly fixes: readonly { readonly change: string; readonly fleet: string; readonly hardware: string }[];
}

/** Null where nothing could ever be laid out. */
export function nearestMiss(question: PlanQuestion, refusals: readonly Refusal[]): NearestMiss | null {
  // What holds the model and misses an objective or a limit is nearer than what doesn't hold it.
  const ranked = [...refusals].sort((a, b) => nearness[a.kind] - nearness[b.kind] || a.shortBy - b.shortBy);
  const nearest = ranked[0];
  if (nearest === undefined) return null;
  return {
    ...{ hardware: nearest.hardware, layout: layoutText(nearest.parallelism), reason: nearest.reason },
    shortBy: nearest.shortBy,
    fixes: changesOf(question, nearest).flatMap(({ change, of }) => {
      const best: Candidate | undefined = searchFleets({ ...question, ...of }, false).candidates[0];
      return best === undefined ? [] : [{ change, fleet: fleetText(best), hardware: best.machine.hardware.id }];
    }),
  };
}

/** Devices of a replica that are tried at least where it may have few: two nodes of eight. */
const leastTried = 16;

const nearness: Readonly<Record<Refusal["kind"], number>> = { limit: 0, objective: 0, memory: 1, rules: 2 };

interface Change {
  readonly change: string;
  readonly of: Partial<PlanQuestion>;
}

function changesOf(question: PlanQuestion, nearest: Refusal): Change[] {
  const { limits, objectives } = question;
  const [fp8, int4] = [parseNumberFormat("fp8"), parseNumberFormat("int4")];
  const formats: Change[] = [
    { change: "--kv-cache fp8", of: { kvCaches: [fp8] } },
    { change: "--weights fp8", of: { weights: [fp8] } },
    { change: "--weights fp8 --kv-cache fp8", of: { weights: [fp8], kvCaches: [fp8] } },
    { change: "--weights int4", of: { weights: [int4] } },
  ];
  const devices = Math.max(leastTried, 4 * limits.devices);
  const larger: Change[] = [
    {
      change: `replicas of up to ${devices} devices`,
      of: { limits: { ...limits, devices, fleetDevices: null, deviceCounts: null } },
    },
  ];
  const fleet: Change[] =
    nearest.kind === "limit"
      ? [
          {
            change: "no limit of devices, power and cost",
            of: {
              limits: {
                ...limits,
                ...{ fleetDevices: null, deviceCounts: null, replicaCounts: null, powerWatts: null, costPerHour: null },
              },
            },
          },
        ]
      : [];
  const together: Change[] =
    question.separatePrefill === "always"
      ? [{ change: "--separate-prefill auto", of: { separatePrefill: "auto" } }]
      : [];
  return [...objectiveChanges(objectives, nearest), ...fleet, ...together, ...formats, ...larger];
}

/** The objective that was missed, as much longer as it takes; a little more than reached, since that is for a request alone. */
function objectiveChanges(objectives: Objectives, { limit, shortBy }: Refusal): Change[] {
  const fields = { ttft: "ttftSeconds", tpot: "tpotSeconds", endToEnd: "endToEndSeconds" } as const;
  if (limit === null || limit === "utilization" || !Number.isFinite(shortBy)) return [];
  const field = fields[limit];
  const wanted = objectives[field];
  if (wanted === null) return [];
  const longer = Number((wanted * shortBy * 1.1).toPrecision(2));
  const option = { ttft: "--ttft", tpot: "--tpot", endToEnd: "--end-to-end" }[limit];
  return [
    {
      change: `${option} ${formatSeconds(longer).replace(" ", "")}`,
      of: { objectives: { ...objectives, [field]: longer } },
    },
  ];
}
