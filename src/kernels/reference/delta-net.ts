/**
 * Gated DeltaNet, token by token. x the channels of queries, keys and values, z the output gate, a and b the state's gates:
 *   u = SiLU(causal convolution of x)     split into q, k of each key head and v of each value head; q and k to unit length
 *   α = exp(−e^A softplus(a + dt)),  β = σ(b)                      one number a value head
 *   S ← α S;   δ = β (v − Sᵀk);   S ← S + k δᵀ;   o = Sᵀq / √dk;   y = RMS(o) w SiLU(z)
 * The state S [dk, dv] of each value head and the convolution's last C − 1 inputs are read and written once however many
 * tokens the step takes. The gates' scalars and the unit lengths' roots are a vector's work and tallied aside.
 * Source: Yang et al. 2024 (Gated Delta Networks), equation 10, and the Qwen3-Next layer around it; cost:
 * src/operations/linear-attention-core.ts.
 */
import { dot } from "./fused-attention.ts";
import { reciprocalRoot } from "./normalization.ts";
import { load, type Processor, store, type Tensor } from "./processor.ts";

export interface DeltaNetArguments {
  readonly sequences: number;
  readonly queryTokens: number;
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  /** C. */
  readonly convolution: number;
  /** A token's row: channels (queries, keys, values), then the output gate z. */
  readonly input: Tensor;
  /** A token's row: b of each value head, then a. */
  readonly gates: Tensor;
  readonly weights: DeltaNetWeights;
  /** [B, Hv, dk, dv]. */
  readonly state: Tensor;
  /** [B, C − 1, channels], oldest first. */
  readonly convolutionState: Tensor;
  /** [T, Hv, dv]. */
  readonly output: Tensor;
  readonly epsilon: number;
}

export interface DeltaNetWeights {
  /** [channels, C], newest input last. */
  readonly convolution: Tensor;
  /** [dv]. */
  readonly norm: Tensor;
  /** [Hv] each: A and dt. */
  readonly decay: Tensor;
  readonly stepBias: Tensor;
}

/** The learned numbers, brought onto the chip once a step. */
interface Loaded {
  readonly convolution: Float64Array;
  readonly norm: Float64Array;
  readonly decay: Float64Array;
  readonly stepBias: Float64Array;
}

export function deltaNet(p: Processor, a: DeltaNetArguments): void {
  const channels = 2 * a.keyHeads * a.keyDim + a.valueHeads * a.valueDim;
  const history = (a.convolution - 1) * channels;
  const matrix = a.valueHeads * a.keyDim * a.valueDim;
  const loaded: Loaded = {
    convolution: load(a.weights.convolution, 0, channels * a.convolution),
    norm: load(a.weights.norm, 0, a.valueDim),
    decay: load(a.weights.decay, 0, a.valueHeads),
    stepBias: load(a.weights.stepBias, 0, a.valueHeads),
  };
  for (let sequence = 0; sequence < a.sequences; sequence++) {
    const state = load(a.state, sequence * matrix, matrix);
    let inputs = load(a.convolutionState, sequence * history, history);
    for (let q = 0; q < a.queryTokens; q++) {
      const token = sequence * a.queryTokens + q;
      const x = load(a.input, token * (channels + a.valueHeads * a.valueDim), channels);
      const window = new Float64Array(history + channels);
      window.set(inputs);
      window.set(x, history);
      const u = convolved(p, window, loaded.convolution, channels, a.convolution);
      inputs = window.slice(channels);
      updateHeads(p, a, loaded, token, u, state);
    }
    store(a.state, sequence * matrix, state);
    store(a.convolutionState, sequence * history, inputs);
  }
}

/** SiLU of the convolution: 2 C + 4 operations a channel. */
function convolved(
  p: Processor,
  window: Float64Array,
  weights: Float64Array,
  channels: number,
  width: number,
): Float64Array {
  const c = p.arithmetic;
  return Float64Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const product = c.multiply(weights[channel * width + i] as number, window[i * channels + channel] as number);
      sum = c.add(sum, product);
    }
    return c.activation("silu", sum);
  });
}

function updateHeads(
  p: Processor,
  a: DeltaNetArguments,
  w: Loaded,
  token: number,
  u: Float64Array,
  state: Float64Array,
): void {
  const keys = a.keyHeads * a.keyDim;
  const gates = load(a.gates, token * 2 * a.valueHeads, 2 * a.valueHeads);
  const vector = (from: number): Float64Array => u.slice(from, from + a.keyDim);
  const shrunk = 1 / Math.sqrt(a.keyDim);
  const queryOf = Array.from({ length: a.keyHeads }, (_, h) => ofLength(p, vector(h * a.keyDim), shrunk, a.epsilon));
  const keyOf = Array.from({ length: a.keyHeads }, (_, h) => ofLength(p, vector(keys + h * a.keyDim), 1, a.epsilon));
  const matrix = a.keyDim * a.valueDim;
  for (let head = 0; head < a.valueHeads; head++) {
    const keyHead = Math.floor(head / (a.valueHeads / a.keyHeads));
    const v = u.subarray(2 * keys + head * a.valueDim, 2 * keys + (head + 1) * a.valueDim);
    const o = updateState(p, {
      state: state.subarray(head * matrix, (head + 1) * matrix),
      query: queryOf[keyHead] as Float64Array,
      key: keyOf[keyHead] as Float64Array,
      value: v,
      alpha: decayFactor(p, w, head, gates[a.valueHeads + head] as number),
      beta: p.aside.activation("sigmoid", gates[head] as number),
    });
    storeNormed(p, a, w, token, head, o);
  }
}

/** exp(−e^A softplus(a + dt)): a scalar a head, aside. */
function decayFactor(p: Processor, w: Loaded, head: number, a: number): number {
  const c = p.aside;
  const step = c.add(a, w.stepBias[head] as number);
  // softplus(x) = max(x, 0) + log(1 + e^−|x|), which cannot overflow.
  const softplus = c.add(c.maximum(step, 0), c.logarithm(c.add(1, c.exponential(-Math.abs(step)))));
  return c.exponential(c.multiply(-c.exponential(w.decay[head] as number), softplus));
}

/** x · length / √(Σ x² + ε): 3 operations an element, and 3 scalars aside. */
function ofLength(p: Processor, x: Float64Array, length: number, epsilon: number): Float64Array {
  const c = p.arithmetic;
  let sum = 0;
  for (const value of x) sum = c.add(sum, c.multiply(value, value));
  const scale = p.aside.divide(length, p.aside.squareRoot(p.aside.add(sum, epsilon)));
  return x.map((value) => c.multiply(value, scale));
}

interface StateUpdate {
  /** [dk, dv], changed in place. */
  readonly state: Float64Array;
  readonly query: Float64Array;
  readonly key: Float64Array;
  readonly value: Float64Array;
  readonly alpha: number;
  readonly beta: number;
}

/** One token on one head's state: 3 dk dv multiply-adds, dk dv operations of decay, 2 dv of the correction. */
function updateState(p: Processor, { state, query, key, value, alpha, beta }: StateUpdate): Float64Array {
  const c = p.arithmetic;
  const dk = key.length;
  const dv = value.length;
  for (let i = 0; i < state.length; i++) state[i] = c.multiply(state[i] as number, alpha);
  const column = new Float64Array(dk);
  const read = (by: Float64Array, j: number): number => {
    for (let i = 0; i < dk; i++) column[i] = state[i * dv + j] as number;
    return dot(p, by, 0, column, 0, dk);
  };
  const delta = value.map((v, j) => c.multiply(beta, c.subtract(v, read(key, j))));
  for (let i = 0; i < dk; i++) {
    for (let j = 0; j < dv; j++) {
      state[i * dv + j] = c.multiplyAdd(key[i] as number, delta[j] as number, state[i * dv + j] as number);
    }
  }
  return value.map((_, j) => read(query, j));
}

/** RMS norm (4 an element), the gate's SiLU (4) and the product (1). */
function storeNormed(
  p: Processor,
  a: DeltaNetArguments,
  w: Loaded,
  token: number,
  head: number,
  o: Float64Array,
): void {
  const c = p.arithmetic;
  const channels = 2 * a.keyHeads * a.keyDim + a.valueHeads * a.valueDim;
  const width = channels + a.valueHeads * a.valueDim;
  const scale = reciprocalRoot(p, o, a.epsilon);
  for (let j = 0; j < a.valueDim; j++) {
    const z = a.input.read(token * width + channels + head * a.valueDim + j);
    const normed = c.multiply(c.multiply(o[j] as number, scale), w.norm[j] as number);
    a.output.write((token * a.valueHeads + head) * a.valueDim + j, c.multiply(normed, c.activation("silu", z)));
  }
}
