/**
 * Planning and serving: which fleet serves a load within objectives, and what one does request by request. Like the core, nothing here
 * touches files, the clock or Node, so it runs in a browser unchanged; it stands apart so that a page loads it when it plans.
 *
 * @example
 * planFleet({ model, machines, load: { kind: "rate", amount: 8 }, workload, objectives, ... }).report.best?.fleet; // "2 × (TP 4)"
 */
export { type Candidate, fleetText, perMillionTokens } from "./planning/candidate.ts";
export type { CandidateRow } from "./planning/candidate-row.ts";
export { engineArguments } from "./planning/engine-arguments.ts";
export { type EngineArguments, type EngineSetup, type MemoryShares, memorySharesOf } from "./planning/engine-setup.ts";
export { fewestDevices } from "./planning/fewest-devices.ts";
export { type FixedFleet, fixedFleet } from "./planning/fixed-fleet.ts";
export { type Layout, type LayoutLimits, layoutsOf, layoutText } from "./planning/layout.ts";
export {
  type LargestBatchAt,
  type LongestContextOf,
  type MemoryFitQuestion,
  type MemoryFitRow,
  memoryFit,
} from "./planning/memory-fit.ts";
export { checkObjectives, type Objectives, tpotDefinition } from "./planning/objectives.ts";
export { parseRate } from "./planning/parse-rate.ts";
export type { PlanFile } from "./planning/plan-file.ts";
export type { PlanMachine, PlanQuestion } from "./planning/plan-question.ts";
export { type PlanReport, planFleet } from "./planning/plan-report.ts";
export type { PlanRequest, RequestedWorkload } from "./planning/plan-request.ts";
export { type PlannedReplica, plannedReplica } from "./planning/planned-replica.ts";
export { publishedQuality, type QualityAspect, type QualitySeries } from "./planning/published-quality.ts";
export {
  type QualityFigure,
  type QualityQuestion,
  qualityOf,
  qualityOfChange,
  qualityText,
} from "./planning/quality-of-change.ts";
export { type PlanSearch, searchFleets } from "./planning/search.ts";
export { type FleetSimulation, type SimulatedFleet, simulateFleet } from "./planning/simulated-fleet.ts";
export { type WhatIfRow, whatIfRows } from "./planning/what-if.ts";
export { applyWhatIf, parseWhatIf, type WhatIfChange } from "./planning/what-if-change.ts";
export {
  type ArrivalProcess,
  arrivalProcess,
  type DrawnRequests,
  drawnRequests,
} from "./serving/arrivals.ts";
export { closedStateAt } from "./serving/closed-loop.ts";
export { type ChosenEngine, chooseEngine } from "./serving/engine-choice.ts";
export type { EngineSteps } from "./serving/engine-steps.ts";
export type { Balancer, PrefillReplicas } from "./serving/fleet.ts";
export type { LatencyObjectives } from "./serving/fleet-record.ts";
export type { LatencyDistribution } from "./serving/latency-sketch.ts";
export {
  exponentialLengths,
  fixedLength,
  type LengthDistribution,
  type LengthQuantiles,
  lognormalLengths,
  quantileLengths,
  uniformLengths,
} from "./serving/length-distribution.ts";
export type { SeriesPoint } from "./serving/load-series.ts";
export { type OpenState, type OpenWorkload, openReplica, openStateAt, openStateAtRate } from "./serving/open-loop.ts";
export { type LengthSpec, lengthsOf, parseLengths } from "./serving/parse-lengths.ts";
export { predictedEngineSteps } from "./serving/predicted-engine-steps.ts";
export { type ReplicaMemory, replicaMemory } from "./serving/replica-memory.ts";
export type { ReplicaModel } from "./serving/replica-model.ts";
export type { Request, RequestStream } from "./serving/request-stream.ts";
export { type RequestTrace, traceStream } from "./serving/request-trace.ts";
export type { SchedulingPolicy } from "./serving/serving-constants.ts";
export {
  type SimulatedLoad,
  type SimulationRequest,
  type SimulationResult,
  simulateServing,
} from "./serving/simulation.ts";
export { empiricalLengths, type TraceStatistics, traceStatistics } from "./serving/trace-statistics.ts";
export { usersStateAt } from "./serving/users-loop.ts";
