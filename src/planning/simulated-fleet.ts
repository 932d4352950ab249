/** A candidate run in the simulation under the workload it was planned for, and where the closed form and the run disagree. */

import { seededRandom } from "../quantity/seeded-random.ts";
import { type ArrivalProcess, drawnRequests } from "../serving/arrivals.ts";
import type { RequestStream } from "../serving/request-stream.ts";
import { type SimulationRequest, type SimulationResult, simulateServing } from "../serving/simulation.ts";
import type { Candidate } from "./candidate.ts";
import type { PlanQuestion } from "./plan-question.ts";

export interface FleetSimulation {
  /** How requests come where they come by themselves; null where users send them. */
  readonly arrivals: ArrivalProcess | null;
  /** Recorded requests in the place of drawn ones, from the first on. */
  readonly trace: (() => RequestStream) | null;
  readonly requests: number;
  readonly seed: number;
  readonly contextLimit: number | null;
  /** least-loaded unless given. */
  readonly balancer?: SimulationRequest["balancer"] | undefined;
  readonly queueLimit?: number | undefined;
  readonly onProgress?: ((completed: number) => void) | undefined;
}

/** A closed form and a run that differ by more than this are said to. */
export const notable = 0.1;

export interface Disagreement {
  readonly figure: "TTFT" | "TPOT";
  /** At the objectives' percentile. */
  readonly closedSeconds: number;
  readonly simulatedSeconds: number;
}

export interface SimulatedFleet {
  readonly result: SimulationResult;
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
  readonly endToEndSeconds: number;
  readonly disagreements: readonly Disagreement[];
  /** Objectives that the run misses. */
  readonly misses: readonly string[];
}

/** Of the requests of a run, those at its beginning that its percentiles leave out. */
const warmupShare = 0.05;

export function simulateFleet(
  candidate: Candidate,
  question: PlanQuestion,
  simulation: FleetSimulation,
): SimulatedFleet {
  const { planned, replicas, prefill, load } = candidate;
  const { objectives } = question;
  const together = question.load.requestsPerUser !== undefined;
  const users = question.load.kind === "users" ? Math.max(1, Math.round(question.load.amount)) : 0;
  const request: SimulationRequest = {
    ...{ replica: planned.replica, replicas, onProgress: simulation.onProgress },
    ...{ balancer: simulation.balancer ?? "least-loaded", queueLimit: simulation.queueLimit },
    load: simulatedLoad(question, simulation, users, candidate),
    prefill:
      prefill === null
        ? undefined
        : {
            ...{ replica: prefill.planned.replica, replicas: prefill.replicas },
            transferSeconds: (tokens) => (prefill.transferSeconds * tokens) / question.workload.input.mean,
          },
    contextLimit: simulation.contextLimit ?? undefined,
    warmupRequests:
      together || simulation.trace !== null ? 0 : Math.max(users, Math.floor(warmupShare * simulation.requests)),
    objectives: {
      ...(objectives.ttftSeconds === null ? {} : { ttftSeconds: objectives.ttftSeconds }),
      ...(objectives.tpotSeconds === null ? {} : { tpotSeconds: objectives.tpotSeconds }),
      ...(objectives.endToEndSeconds === null ? {} : { endToEndSeconds: objectives.endToEndSeconds }),
    },
  };
  const result = simulateServing(request);
  const ttftSeconds = result.ttftSeconds.quantile(objectives.share);
  const tpotSeconds = result.tpotSeconds.quantile(objectives.share);
  const endToEndSeconds = result.endToEndSeconds.quantile(objectives.share);
  const pairs: readonly Disagreement[] = [
    { figure: "TTFT", closedSeconds: load.ttftSeconds, simulatedSeconds: ttftSeconds },
    { figure: "TPOT", closedSeconds: load.tpotSeconds, simulatedSeconds: tpotSeconds },
  ];
  const missed = (name: string, reached: number, wanted: number | null): string[] =>
    wanted !== null && reached > wanted ? [name] : [];
  return {
    ...{ result, ttftSeconds, tpotSeconds, endToEndSeconds },
    disagreements: pairs.filter(
      ({ closedSeconds, simulatedSeconds }) => Math.abs(closedSeconds / simulatedSeconds - 1) > notable,
    ),
    misses: [
      ...missed("TTFT", ttftSeconds, objectives.ttftSeconds),
      ...missed("TPOT", tpotSeconds, objectives.tpotSeconds),
      ...missed("end to end", endToEndSeconds, objectives.endToEndSeconds),
    ],
  };
}

/** Of each user who comes at a time of their own, so many requests at least, that the beginning is forgotten. */
const requestsPerUser = 6;

function simulatedLoad(
  { workload, load: asked }: PlanQuestion,
  simulation: FleetSimulation,
  users: number,
  { load }: Candidate,
): SimulationRequest["load"] {
  if (simulation.trace !== null) return { kind: "open", requests: simulation.trace() };
  const requests = drawnRequests({
    ...{ input: workload.input, output: workload.output },
    count:
      asked.requestsPerUser === undefined
        ? Math.max(simulation.requests, requestsPerUser * users)
        : simulation.requests,
    arrivals: simulation.arrivals ?? { kind: "regular", requestsPerSecond: 1 },
    random: seededRandom(simulation.seed),
  });
  if (users === 0) return { kind: "open", requests };
  const together = asked.requestsPerUser !== undefined;
  // Users begin one after the other over a request's time: had all begun at once, requests of equal lengths would stay in step.
  const rampSeconds = Number.isFinite(load.endToEndSeconds) ? load.endToEndSeconds : 0;
  return { kind: "closed", users, requests, rampSeconds: together ? 0 : rampSeconds };
}
