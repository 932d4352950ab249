/** The question that options and a plan file ask, with all names looked up: model, machines, prices, engine, trace. */

import type { Model } from "../architecture/model.ts";
import { loadHardware } from "../files/load-hardware.ts";
import { loadModel, readModelFile } from "../files/load-model.ts";
import type { Hardware } from "../hardware/hardware.ts";
import { layOverPlanFile } from "../planning/plan-file.ts";
import type { PlanMachine, PlanQuestion } from "../planning/plan-question.ts";
import type { PlanRequest } from "../planning/plan-request.ts";
import { planRequestOf } from "../planning/plan-request-of.ts";
import type { FleetSimulation } from "../planning/simulated-fleet.ts";
import { InvalidInput } from "../quantity/invalid-input.ts";
import type { ArrivalProcess } from "../serving/arrivals.ts";
import { chooseEngine } from "../serving/engine-choice.ts";
import type { OpenWorkload } from "../serving/open-loop.ts";
import { type RequestTrace, traceStream } from "../serving/request-trace.ts";
import { traceStatistics } from "../serving/trace-statistics.ts";
import type { EngineId } from "../timing/execution-profile.ts";
import { planFileOf } from "./plan-options.ts";
import type { RawOptions } from "./step-settings.ts";
import { timingChoiceOf } from "./timing-options.ts";

export interface PlanSetup {
  readonly request: PlanRequest;
  readonly question: PlanQuestion;
  readonly simulation: FleetSimulation;
  readonly notes: readonly string[];
}

/** Devices of one replica at most, unless more are asked for: two nodes of eight, more only where one node has more. */
const usualReplica = 16;
const usualUtilization = 0.9;

export async function planSetup(options: RawOptions): Promise<PlanSetup> {
  const request = await planRequest(options);
  const { candidates, limits } = request;
  const { model, notes: modelNotes } = await modelOf(request);
  if (model.encoder !== null) throw new InvalidInput("model", model.id, "has an encoder: decoders alone are planned");
  const timing = await timingChoiceOf({ ...options, engine: candidates.engine ?? engineOfFormats(candidates.weights) });
  const machines = await machinesOf(request, options);
  const workload = await workloadOf(request);
  const contextNotes = checkContext(model, workload.open);
  const { speculative } = candidates;
  const most = candidates.mostDevices;
  const widest = Math.max(...(candidates.tensorParallel ?? [1]), ...(candidates.expertParallel ?? [1]));
  const stages = Math.max(...(candidates.pipelineParallel ?? [1]));
  const nodes = machines.map(({ hardware }) => hardware.node?.devices ?? 1).filter((each) => each <= 72);
  const question: PlanQuestion = {
    ...{ model, machines, load: workload.load, workload: workload.open },
    engineOn: (hardware) => chooseEngine(hardware, hardware, timing, candidates.engineVersion),
    cachedPromptShare: request.workload.sharedPrefix,
    objectives: request.objectives,
    ...{ weights: candidates.weights, kvCaches: candidates.kvCaches },
    speculation:
      speculative === null
        ? null
        : {
            ...{ tokens: speculative.tokens, acceptance: speculative.acceptance },
            draft: speculative.draft === null ? null : loadModel(speculative.draft),
          },
    separatePrefill: workload.load.kind === "users" ? "never" : candidates.separatePrefill,
    limits: {
      devices: most ?? Math.max(usualReplica, widest * stages, ...nodes),
      devicesPerNode: limits.devicesPerNode,
      nodeLinkBytesPerSecond: limits.nodeLinkBytesPerSecond,
      tensor: candidates.tensorParallel,
      pipeline: candidates.pipelineParallel,
      expert: candidates.expertParallel,
      fleetDevices: most,
      deviceCounts: candidates.deviceCounts,
      replicaCounts: candidates.replicas,
      ...{ powerWatts: limits.powerWatts, costPerHour: limits.costPerHour, memoryShare: limits.memoryShare },
      utilization: limits.utilization ?? (workload.load.kind === "users" ? 1 : usualUtilization),
      ...{ maxSequences: candidates.maxSequences, stepTokens: candidates.stepTokens },
    },
  };
  const { requests, seed } = request.simulation;
  const simulation = {
    ...{ arrivals: workload.arrivals, trace: workload.stream, seed, contextLimit: model.maxContext },
    requests: workload.trace === null ? requests : workload.trace.arrivalSeconds.length,
  };
  return { request, question, simulation, notes: [...modelNotes, ...workload.notes, ...contextNotes] };
}

/** Formats that llama.cpp alone reads ask for it; others for the machine's usual engine. */
function engineOfFormats(weights: PlanRequest["candidates"]["weights"]): EngineId | undefined {
  return weights.every((format) => format !== null && /^q\d/.test(format.id)) ? "llama.cpp" : undefined;
}

async function planRequest(options: RawOptions): Promise<PlanRequest> {
  const typed = planFileOf(options);
  const path = options["file"];
  if (path === undefined) return planRequestOf(typed);
  const { loadPlanFile } = await import("../files/load-plan-file.ts");
  return planRequestOf(layOverPlanFile(await loadPlanFile(String(path)), typed));
}

async function modelOf({ model }: PlanRequest): Promise<{ readonly model: Model; readonly notes: readonly string[] }> {
  if (model.kind === "built-in") return { model: loadModel(model.id), notes: [] };
  const read = await readModelFile(model.path, "--config");
  return { model: read.model, notes: read.profile === null ? read.notes : [] };
}

async function machinesOf({ candidates, prices, limits }: PlanRequest, options: RawOptions): Promise<PlanMachine[]> {
  const loaded = await Promise.all(candidates.hardware.map((name) => loadHardware(name)));
  // One machine under two names is one kind of device.
  const named = loaded.filter(({ id }, i) => loaded.findIndex((each) => each.id === id) === i);
  const ids = new Set(named.map(({ id }) => id));
  const ownedCounts = Object.fromEntries(limits.owned.map(({ hardware, count }) => [hardware, count]));
  const typed = planFileOf(options);
  // Of a file whose machines were replaced by others, figures of machines that are gone say nothing.
  const isReplaced = options["file"] !== undefined && typed.candidates?.hardware !== undefined;
  const mayBeGone = (own: object | undefined) => (name: string) => isReplaced && !Object.hasOwn(own ?? {}, name);
  const priceOf = await byId("prices", prices, ids, mayBeGone(typed.prices));
  const owned = await byId("owned", ownedCounts, ids, mayBeGone(typed.limits?.owned));
  return await Promise.all(
    named.map(async (hardware) => ({
      hardware: await measured(hardware, options, named.length),
      pricePerHour: priceOf.get(hardware.id) ?? hardware.pricePerHourUsd,
      ownedDevices: owned.get(hardware.id) ?? 0,
    })),
  );
}

async function measured(hardware: Hardware, options: RawOptions, machines: number): Promise<Hardware> {
  const path = options["ceilings"];
  if (path === undefined) return hardware;
  if (machines > 1) throw new InvalidInput("ceilings", path, "one --hardware with it: ceilings are one machine's");
  const { applyCeilingsFile } = await import("../files/load-ceilings.ts");
  return await applyCeilingsFile(hardware, String(path));
}

/** Figures by the machine's own id, whatever name it was given by. */
async function byId(
  field: string,
  figures: Readonly<Record<string, number>>,
  ids: ReadonlySet<string>,
  mayBeGone: (name: string) => boolean,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [name, figure] of Object.entries(figures)) {
    const { id } = await loadHardware(name);
    if (!ids.has(id) && mayBeGone(name)) continue;
    if (!ids.has(id)) throw new InvalidInput(field, name, `is no candidate; --hardware has ${[...ids].join(", ")}`);
    found.set(id, figure);
  }
  return found;
}

interface Workload {
  readonly open: OpenWorkload;
  readonly load: PlanQuestion["load"];
  readonly arrivals: ArrivalProcess | null;
  readonly trace: RequestTrace | null;
  readonly stream: FleetSimulation["trace"];
  readonly notes: readonly string[];
}

async function workloadOf({ workload }: PlanRequest): Promise<Workload> {
  if (workload.kind === "users") {
    const { input, output, users } = workload;
    const open = { input, output, arrivalVariation: 1 };
    return { open, load: { kind: "users", amount: users }, arrivals: null, trace: null, stream: null, notes: [] };
  }
  if (workload.kind === "rate") {
    const { input, output, arrivals } = workload;
    const cv = arrivals.kind === "bursty" ? arrivals.cv : arrivals.kind === "regular" ? 0 : 1;
    const open = { input, output, arrivalVariation: cv * cv };
    const load = { kind: "rate", amount: arrivals.requestsPerSecond } as const;
    return { open, load, arrivals, trace: null, stream: null, notes: [] };
  }
  const { loadTrace } = await import("../files/load-trace.ts");
  const { trace, notes } = await loadTrace(workload.path);
  const of = traceStatistics(trace);
  if (of.requestsPerSecond === null) {
    throw new InvalidInput("trace", workload.path, "has a single moment of arrival: no rate follows from it");
  }
  const rate = workload.requestsPerSecond ?? of.requestsPerSecond;
  const scale = rate / of.requestsPerSecond;
  const cv = of.burstiness ?? 1;
  const bursts =
    cv > steadyCv
      ? [
          `arrivals of the trace are bursty (deviation ${cv.toFixed(1)} of the mean gap): the closed form is rough, the simulation is what holds`,
        ]
      : [];
  return {
    open: { input: of.input, output: of.output, arrivalVariation: cv * cv },
    load: { kind: "rate", amount: rate },
    ...{ arrivals: null, trace, stream: () => traceStream(trace, { scale }), notes: [...notes, ...bursts] },
  };
}

/** Gaps that vary more than this are bursts that no closed form here follows. */
const steadyCv = 2;

/** Of what distributions draw, the rare length past the context is refused as an engine would; the mean must not be. */
function checkContext({ id, maxContext }: Model, { input, output }: OpenWorkload): string[] {
  if (maxContext === null) return [];
  const tokens = Math.round(input.mean + output.mean);
  if (tokens > maxContext) {
    const why = `with the answer ${tokens} tokens, past the ${maxContext} of ${id}'s context`;
    throw new InvalidInput("input", input.text, why);
  }
  if (input.largest + output.largest <= maxContext) return [];
  return [`some requests are longer than the ${maxContext} tokens of ${id}'s context: the simulation rejects them`];
}
