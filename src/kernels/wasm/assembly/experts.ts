/**
 * A mixture of experts: the router's choice, and the sum of what the chosen experts made. Each expert has rows of its own for its tokens, and
 * kernels for each number of them, written beforehand; routing says which of these the program's next steps are.
 * Source: Shazeer et al. 2017, equation 1; the weights are a softmax over the k chosen logits.
 */
import { address, word } from "./job";
import { multiplyAdd, powerOfTwo } from "./vector";

const log2e: f32 = 1.4426950408889634;

/**
 * Words: 1 tokens, 2 experts, 3 k, 4 logits [T, experts], 5 input, 6 its bytes a token, 7 the experts' inputs, 8 the experts' outputs, 9 bytes of an
 * output row, 10 entries: output row and weight of each of a token's experts, 11 tokens of each expert, 12 jobs [3, experts, tokens] for
 * 1, 2 … tokens, 13 bytes a job, 14 cells [slots, 3] of the jobs to run, 15 slots, 16 job of a slot that is not used.
 */
export function routeTokens(): void {
  const experts = word(2);
  const tokens = word(1);
  const counts = address(11);
  memory.fill(counts, 0, <usize>experts << 2);
  for (let token = 0; token < tokens; token++) routeToken(token, experts, tokens);
  let slot = 0;
  for (let expert = 0; expert < experts; expert++) {
    const count = load<i32>(counts + (<usize>expert << 2));
    if (count == 0) continue;
    for (let part = 0; part < 3; part++) {
      const job = address(12) + (<usize>((part * experts + expert) * tokens + count - 1)) * address(13);
      atomic.store<i32>(job, 0);
      setCell(slot, part, job);
    }
    slot++;
  }
  for (; slot < word(15); slot++) for (let part = 0; part < 3; part++) setCell(slot, part, address(16));
}

function setCell(slot: i32, part: i32, job: usize): void {
  store<usize>(address(14) + (<usize>(3 * slot + part) << 2), job);
}

/** The k largest logits, the first of equal ones, each with its weight. */
function routeToken(token: i32, experts: i32, tokens: i32): void {
  const k = word(3);
  const logits = address(4) + (<usize>(token * experts) << 2);
  const entries = address(10) + (<usize>(token * k) << 3);
  let last: f32 = Infinity;
  let lastExpert = -1;
  let largest: f32 = 0;
  let sum: f32 = 0;
  for (let i = 0; i < k; i++) {
    let best = -1;
    for (let expert = 0; expert < experts; expert++) {
      const logit = load<f32>(logits + (<usize>expert << 2));
      const left = logit < last || (logit == last && expert > lastExpert);
      if (left && (best < 0 || logit > load<f32>(logits + (<usize>best << 2)))) best = expert;
    }
    last = load<f32>(logits + (<usize>best << 2));
    lastExpert = best;
    if (i == 0) largest = last;
    const weight = f32x4.extract_lane(powerOfTwo(f32x4.splat((last - largest) * log2e)), 0);
    sum += weight;
    const count = address(11) + (<usize>best << 2);
    const row = <usize>(best * tokens + load<i32>(count));
    store<i32>(count, load<i32>(count) + 1);
    memory.copy(address(7) + row * address(6), address(5) + <usize>token * address(6), address(6));
    store<usize>(entries + (<usize>i << 3), address(8) + row * address(9));
    store<f32>(entries + (<usize>i << 3), weight, 4);
  }
  for (let i = 0; i < k; i++) {
    const weight = entries + (<usize>i << 3) + 4;
    store<f32>(weight, load<f32>(weight) / sum);
  }
}

/** Words: 1 tokens, 2 k, 3 features, 4 entries, 5 output, 6 its bytes a token, 7 what is added (0: nothing), 8 a gate of it a token (0: none). */
export function combineExperts(): void {
  const k = word(2);
  const bytes = <usize>word(3) << 2;
  for (let token = 0; token < word(1); token++) {
    const entries = address(4) + (<usize>(token * k) << 3);
    const to = address(5) + <usize>token * address(6);
    memory.fill(to, 0, bytes);
    for (let i = 0; i < k; i++) {
      const entry = entries + (<usize>i << 3);
      addWeighted(load<usize>(entry), load<f32>(entry, 4), bytes, to);
    }
    if (address(7) != 0) addWeighted(address(7) + <usize>token * bytes, gateOf(token), bytes, to);
  }
}

function gateOf(token: i32): f32 {
  if (address(8) == 0) return 1;
  const x = load<f32>(address(8) + (<usize>token << 2));
  return 1 / (1 + f32x4.extract_lane(powerOfTwo(f32x4.splat(min(126, -x * log2e))), 0));
}

function addWeighted(from: usize, weight: f32, bytes: usize, to: usize): void {
  const w = f32x4.splat(weight);
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) v128.store(to + i, multiplyAdd(w, v128.load(from + i), v128.load(to + i)));
  for (let i = whole; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + weight * load<f32>(from + i));
}
