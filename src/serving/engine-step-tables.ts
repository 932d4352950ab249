/**
 * Steps timed ahead at some contexts and numbers of tokens, so that a search or a simulation asks a table: what lies between two nodes
 * 2^(1/4) apart lies on the line between them. Filled as they are asked for.
 */
import type { PhaseCosts } from "./phase-costs.ts";
import { engineStepSeconds, kernelSeconds, type ServingConstants } from "./serving-constants.ts";
import type { Speculation } from "./speculation.ts";

const nodesPerDoubling = 4;
const nodes = 30 * nodesPerDoubling;

/** Rows, or tokens, of each node. */
const rowsOfNode = Float64Array.from({ length: nodes }, (_, node) => Math.round(2 ** (node / nodesPerDoubling)));

export interface DecodeTablesRequest {
  readonly costs: PhaseCosts;
  readonly groups: number;
  /** Tokens a sequence that a step computes: one, and the drafts. */
  readonly verified: number;
  readonly constants: ServingConstants;
  readonly speculation: Speculation | null;
  readonly draft: PhaseCosts | null;
}

/** Decode steps of whole batches at contexts that are nodes, filled as they are asked for: two figures a batch in a row a node. */
export class DecodeTables {
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
export class PromptTables {
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
