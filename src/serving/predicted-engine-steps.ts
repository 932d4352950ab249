/**
 * The steps of one replica by the project's own counting and any of its timing models, quick enough for a simulation:
 *   decode   D(b, S) of b sequences a device of its own, on the line between contexts 2^(1/4) apart
 *   mixed    L(b + c) + q A(c / q, m) + C(b, S)
 *            L  the kernels of b + c tokens but attention          A  attention of one prompt's tokens that see m rows on average
 *            C  attention of the sequences that decode             q  prompts in the step, as many as make m possible: c / q ≤ 2 m
 *   stages   work on different requests at once: B = stages × b sequences get a token in D(b); a prompt takes its share of each stage
 * Groups of devices that each hold other requests (attention of experts spread wider than the tensor group) share the sequences
 * evenly; each prompt is computed by one of them, and a step lasts as long as the busiest.
 * Drafts of k tokens, each taken with probability a: a step verifies k + 1 tokens a sequence and takes (1 − a^(k+1)) / (1 − a) of
 * them. Source: Leviathan, Kalman and Matias 2023, equation 1.
 */
import type { Model } from "../architecture/model.ts";
import { dataParallelGroups } from "../architecture/shard.ts";
import type { Hardware } from "../hardware/hardware.ts";
import type { StepOptions } from "../step/step-options.ts";
import type { TimingModel } from "../timing/timing-model.ts";
import type { EngineSteps } from "./engine-steps.ts";
import { type PhaseCost, type PhaseCosts, phaseCosts } from "./phase-costs.ts";
import { engineStepSeconds, kernelSeconds, type ServingConstants } from "./serving-constants.ts";

/** How drafts are made and how many of them are right. */
export interface Speculation {
  /** k: tokens drafted for each sequence and step. */
  readonly tokens: number;
  /** a: the probability that a drafted token is taken, 0 up to but not 1. */
  readonly acceptance: number;
  /** Who drafts; null: a head of one layer on the model itself. */
  readonly draft: Model | null;
}

export interface EngineStepsRequest {
  readonly model: Model;
  readonly hardware: Hardware;
  readonly step: Partial<StepOptions>;
  readonly timing: TimingModel;
  readonly constants: ServingConstants;
  readonly speculation?: Speculation | null;
  /** Kernels that a layer starts, beside one of the model that the constants were fitted on (layer-starts.ts); 1 unless given. */
  readonly layerRatio?: number;
}

/** What a step's seconds are spent on; host is what the engine adds. */
export interface StepParts {
  readonly memory: number;
  readonly compute: number;
  readonly link: number;
  readonly host: number;
}

export interface PredictedEngineSteps extends EngineSteps {
  /** Parts of a step that only decodes. */
  decodeParts(sequences: number, context: number): StepParts;
  /** Parts of a prompt's kernels. */
  promptParts(tokens: number): StepParts;
  readonly groups: number;
  /** Of the decoding steps, for footprints. */
  readonly decode: PhaseCosts;
  readonly prefill: PhaseCosts;
}

const nodesPerDoubling = 4;
const nodes = 30 * nodesPerDoubling;

/** @throws InvalidInput where the options don't go with the model or the machine */
export function predictedEngineSteps(request: EngineStepsRequest): PredictedEngineSteps {
  const { model, hardware, step, timing, constants, speculation = null, layerRatio = 1 } = request;
  const options = { step, timing };
  const decode = phaseCosts(model, hardware, options, "decode");
  const prefill = phaseCosts(model, hardware, options, "prefill");
  const { plan } = decode.predictor;
  const stages = plan.options.parallelism.pipeline;
  const groups = dataParallelGroups(plan.options.parallelism);
  const layers = layerRatio * plan.deviceModel.decoder.order.length;
  const draft = speculation === null ? null : draftCosts(model, speculation, request);
  const verified = speculation === null ? 1 : speculation.tokens + 1;
  const tables = new DecodeTables({ costs: decode, groups, verified, constants, speculation, draft });
  const prompts = new PromptTables(prefill, groups, constants);
  const host = (sequences: number): number =>
    layers * constants.layerSeconds + constants.stepSeconds + sequences * constants.sequenceSeconds;
  return {
    tokensPerStep: speculation === null ? 1 : acceptedTokens(speculation),
    ...{ stages, groups, decode, prefill },
    stepSeconds(sequences, context, promptTokens, promptContext) {
      const b = sequences / (stages * groups);
      const decoding = sequences > 0 ? tables.seconds(b, context) : 0;
      if (!(promptTokens > 0)) return decoding + host(sequences);
      // A prompt is one group's: with fewer of them than groups the others wait for it.
      const c = Math.max(promptTokens / groups, Math.min(promptTokens, 2 * promptContext - 1));
      const mixed =
        prompts.layersSeconds(b * verified + c) +
        prompts.attentionSeconds(c, promptContext) +
        (sequences > 0 ? tables.attentionSeconds(b, context) : 0);
      return decoding + Math.max(0, mixed - decoding) / stages + host(sequences);
    },
    decodeParts(sequences, context) {
      const b = Math.max(1, Math.round(sequences / (stages * groups)));
      const rows = Math.max(verified, Math.round(context));
      const cost = decode.cost({ batch: b * groups, context: rows, queryTokens: verified });
      return partsOf(cost, constants, host(sequences));
    },
    promptParts(tokens) {
      const own = Math.max(1, Math.round(tokens / groups));
      return partsOf(prefill.cost({ batch: groups, context: own }), constants, 0);
    },
  };
}

/** Tokens that a sequence gets from a step on average. @example 3 drafted, 0.7 of them right: 2.533 */
export function acceptedTokens({ tokens, acceptance }: Pick<Speculation, "tokens" | "acceptance">): number {
  return (1 - acceptance ** (tokens + 1)) / (1 - acceptance);
}

function partsOf(cost: PhaseCost, c: ServingConstants, host: number): StepParts {
  return {
    memory: cost.memorySeconds / c.memoryEfficiency,
    compute: cost.computeSeconds / c.computeEfficiency,
    link: cost.linkSeconds / c.linkEfficiency,
    host: host + cost.startSeconds,
  };
}

/** Costs of the draft's steps: of its own model, on the same devices where it can be split over them, or of one layer. */
function draftCosts(model: Model, { draft }: Speculation, { hardware, step, timing }: EngineStepsRequest): PhaseCosts {
  const { decoder } = model;
  const head = { ...model, decoder: { ...decoder, order: decoder.order.slice(-1) } };
  const parallelism = { ...(step.parallelism ?? { tensor: 1, expert: 1 }), pipeline: 1 };
  return phaseCosts(draft ?? head, hardware, { step: { ...step, parallelism }, timing }, "decode");
}

/** Rows, or tokens, of each node. */
const rowsOfNode = Float64Array.from({ length: nodes }, (_, node) => Math.round(2 ** (node / nodesPerDoubling)));

interface DecodeTablesRequest {
  readonly costs: PhaseCosts;
  readonly groups: number;
  /** Tokens a sequence that a step computes: one, and the drafts. */
  readonly verified: number;
  readonly constants: ServingConstants;
  readonly speculation: Speculation | null;
  readonly draft: PhaseCosts | null;
}

/** Decode steps of whole batches at contexts that are nodes, filled as they are asked for: two figures a batch in a row a node. */
class DecodeTables {
  private readonly request: DecodeTablesRequest;
  private readonly byNode: (Float64Array | undefined)[] = [];

  constructor(request: DecodeTablesRequest) {
    this.request = request;
  }

  seconds(batch: number, context: number): number {
    return this.between(batch, context, 0);
  }

  attentionSeconds(batch: number, context: number): number {
    return this.between(batch, context, 1);
  }

  /** A step runs one sequence at least. */
  private between(batch: number, context: number, which: 0 | 1): number {
    const below = Math.max(1, Math.floor(batch));
    const share = batch - below;
    const low = this.atSize(below, context, which);
    return share > 0 ? low + share * (this.atSize(below + 1, context, which) - low) : low;
  }

  private atSize(batch: number, context: number, which: 0 | 1): number {
    const node = Math.max(0, Math.min(nodes - 2, Math.floor(nodesPerDoubling * Math.log2(Math.max(1, context)))));
    const left = rowsOfNode[node]!;
    const right = rowsOfNode[node + 1]!;
    const low = this.atNode(batch, node, which);
    if (right <= left || context <= left) return low;
    return low + ((this.atNode(batch, node + 1, which) - low) * (context - left)) / (right - left);
  }

  private atNode(batch: number, node: number, which: 0 | 1): number {
    let row = this.byNode[node];
    if (row === undefined || 2 * batch + 1 >= row.length) {
      row = longer(row, 2 * batch + 2);
      this.byNode[node] = row;
    }
    if (Number.isNaN(row[2 * batch]!)) this.fill(row, batch, node);
    return row[2 * batch + which]!;
  }

  private fill(row: Float64Array, batch: number, node: number): void {
    const { costs, groups, verified, constants, draft, speculation } = this.request;
    const workload = { batch: batch * groups, context: Math.max(verified, rowsOfNode[node]!) };
    const cost = costs.cost({ ...workload, queryTokens: verified });
    let seconds = kernelSeconds(cost, constants);
    if (draft !== null && speculation !== null) {
      const drafted = draft.cost(workload);
      const layers = draft.predictor.plan.deviceModel.decoder.order.length;
      seconds += speculation.tokens * engineStepSeconds(drafted, 0, layers, { ...constants, stepSeconds: 0 });
    }
    row[2 * batch] = seconds;
    row[2 * batch + 1] = cost.attentionSeconds / constants.memoryEfficiency;
  }
}

const shortestRow = 512;

/** The row with room for more, the new places unknown. */
function longer(row: Float64Array | undefined, length: number): Float64Array {
  const next = new Float64Array(Math.max(shortestRow, 2 * length)).fill(Number.NaN);
  if (row !== undefined) next.set(row);
  return next;
}

/** A prompt's kernels: those of all tokens together, and attention by tokens and by the rows that they see. */
class PromptTables {
  private readonly costs: PhaseCosts;
  private readonly groups: number;
  private readonly constants: ServingConstants;
  private readonly layers = new Float64Array(nodes).fill(Number.NaN);
  private readonly attention = new Map<number, number>();

  constructor(costs: PhaseCosts, groups: number, constants: ServingConstants) {
    this.costs = costs;
    this.groups = groups;
    this.constants = constants;
  }

  layersSeconds(tokens: number): number {
    const [node, share] = nodeOf(tokens);
    const low = this.layersAt(node);
    return share > 0 ? low + share * (this.layersAt(node + 1) - low) : low;
  }

  /** Of `tokens` tokens that see `rows` on average, in as few prompts as that takes. */
  attentionSeconds(tokens: number, rows: number): number {
    const prompts = Math.max(1, tokens / (2 * rows));
    const own = tokens / prompts;
    const [node, share] = nodeOf(own);
    const low = this.attentionAt(node, rows);
    const one = share > 0 ? low + share * (this.attentionAt(node + 1, rows) - low) : low;
    return prompts * one;
  }

  private layersAt(node: number): number {
    const known = this.layers[node]!;
    if (!Number.isNaN(known)) return known;
    const tokens = rowsOfNode[node]!;
    const cost = this.costs.cost({ batch: this.groups, context: tokens });
    const seconds = kernelSeconds(cost, this.constants) - cost.attentionSeconds / this.constants.computeEfficiency;
    this.layers[node] = seconds;
    return seconds;
  }

  /** Attention's time grows with the rows seen in proportion, all but its start. */
  private attentionAt(node: number, rows: number): number {
    const tokens = rowsOfNode[node]!;
    // From rows that the tokens see of themselves alone, to those of a context four times the next power of two.
    const least = (tokens + 1) / 2;
    const beyond = Math.max(0, rows - least);
    if (beyond === 0) return this.attentionBeyond(node, tokens, 0);
    const doubling = Math.max(0, Math.ceil(Math.log2(beyond / 64)));
    const right = 64 * 2 ** doubling;
    const left = doubling === 0 ? 0 : right / 2;
    const low = this.attentionBeyond(node, tokens, left);
    return low + ((this.attentionBeyond(node, tokens, right) - low) * (beyond - left)) / (right - left);
  }

  private attentionBeyond(node: number, tokens: number, before: number): number {
    const key = node * 2 ** 32 + before;
    const known = this.attention.get(key);
    if (known !== undefined) return known;
    const workload = { batch: this.groups, context: before + tokens, queryTokens: tokens };
    const seconds = this.costs.cost(workload).attentionSeconds / this.constants.computeEfficiency;
    this.attention.set(key, seconds);
    return seconds;
  }
}

/** The node below a number of tokens, and how far towards the next one it lies. */
function nodeOf(tokens: number): readonly [node: number, share: number] {
  const whole = Math.max(1, tokens);
  const node = Math.min(nodes - 2, Math.floor(nodesPerDoubling * Math.log2(whole)));
  const left = rowsOfNode[node]!;
  const right = rowsOfNode[node + 1]!;
  return [node, right > left && whole > left ? (whole - left) / (right - left) : 0];
}
