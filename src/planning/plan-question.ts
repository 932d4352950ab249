/** What a plan is asked for, with every name resolved: model, machines, workload, objectives, limits. */
import type { Model } from "../architecture/model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { NumberFormat } from "../quantity/number-format.ts";
import type { ChosenEngine } from "../serving/engine-choice.ts";
import type { OpenWorkload } from "../serving/open-loop.ts";
import type { Speculation } from "../serving/speculation.ts";
import type { LayoutLimits } from "./layout.ts";
import type { Objectives } from "./objectives.ts";
import type { FleetLoad } from "./replica-load.ts";

/** A kind of device that the fleet may be built of; a fleet is of one kind. */
export interface PlanMachine {
  /** With measured ceilings where they are given. */
  readonly hardware: Hardware;
  /** Of one device, in US dollars; null where nobody said. */
  readonly pricePerHour: number | null;
  /** Devices that are there already, which cost nothing more. */
  readonly ownedDevices: number;
}

export interface PlanLimits extends LayoutLimits {
  /** Of the fleet; null where there is none. `devices` of the layout's limits is one replica's. */
  readonly fleetDevices: number | null;
  /** Counts of the fleet's devices, and of its replicas, that alone are allowed; null: any. */
  readonly deviceCounts: readonly number[] | null;
  readonly replicaCounts: readonly number[] | null;
  readonly powerWatts: number | null;
  readonly costPerHour: number | null;
  /** Share of what a fleet could serve at most that it is planned to serve. */
  readonly utilization: number;
  /** Share of the memory that weights and caches may fill; null: what the engine leaves. */
  readonly memoryShare: number | null;
  readonly maxSequences: number | null;
  readonly stepTokens: number | null;
}

export interface PlanQuestion {
  readonly model: Model;
  readonly machines: readonly PlanMachine[];
  /** The engine on a machine, which may have another link than its profile. @throws InvalidInput where it can't be timed there */
  readonly engineOn: (hardware: Hardware) => ChosenEngine;
  readonly workload: OpenWorkload;
  readonly load: FleetLoad;
  /** Share of each prompt that is found computed. */
  readonly cachedPromptShare: number;
  readonly objectives: Objectives;
  /** To choose from; null among them: the published format, and the engine's own choice. */
  readonly weights: readonly (NumberFormat | null)[];
  readonly kvCaches: readonly (NumberFormat | null)[];
  readonly speculation: Speculation | null;
  /** Prefill and decode on replicas of their own. */
  readonly separatePrefill: "auto" | "never" | "always";
  readonly limits: PlanLimits;
}
