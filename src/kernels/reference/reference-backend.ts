/**
 * The reference as a backend: every kind of work in float64, whatever format it names. It is what the other backends are held
 * against, and works everywhere.
 */

import { seededRandom } from "../../quantity/seeded-random.ts";
import {
  type CacheAppendWork,
  type ComputedWork,
  isCeilingWork,
  type KernelBackend,
  type RotaryWork,
  type Values,
} from "../kernel.ts";
import { appendInPlace } from "./cache-append.ts";
import { feedForwardActivation } from "./feed-forward-activation.ts";
import { linear } from "./linear.ts";
import { normalize } from "./normalization.ts";
import { plainProcessor } from "./plain-processor.ts";
import type { Processor, Role, Tensor } from "./processor.ts";
import { decoderRefusal, fillDecoder, referenceDecoder } from "./reference-decoder.ts";
import { addResidual } from "./residual.ts";
import { rotate } from "./rotary-embedding.ts";
import { softmaxAttention } from "./softmax-attention.ts";

const bytesPerElement = 8;
/** Rows of keys and values held at once, so that a long context needs no second copy. */
const blockRows = 1024;

/** The backend; a processor of one's own counts what its kernels do. */
export function referenceBackend(p: Processor = plainProcessor): KernelBackend {
  return {
    name: "reference",
    availability: async () => ({ available: true, description: "TypeScript, float64, one thread" }),
    async prepare(work) {
      if (isCeilingWork(work)) return { refused: true, reason: "the reference is not made to be timed" };
      const reason = work.kind === "decode-step" ? decoderRefusal(work.model) : null;
      if (reason !== null) return { refused: true, reason: `the reference does not run ${reason}` };
      let output: Float64Array = new Float64Array(0);
      return {
        refused: false,
        run: async () => {
          output = computed(p, work);
        },
        output: async () => output,
        release: () => {},
      };
    },
    async runInOrder(kernels) {
      for (const kernel of kernels) await kernel.run();
      return null;
    },
    close: async () => {},
  };
}

/** The answer to one piece of work. */
function computed(p: Processor, work: ComputedWork): Float64Array {
  const tensor = (role: Role, values: Values): Tensor => p.tensor(role, Float64Array.from(values), bytesPerElement);
  const optional = (values: Values | null): Tensor | null => (values === null ? null : tensor("weights", values));
  const output = new Float64Array(outputLength(work));
  const to = p.tensor("activations", output, bytesPerElement);
  switch (work.kind) {
    case "attention": {
      const { heads, kvHeads, headDim, capacity } = work;
      const offset = (sequence: number, row: number, head: number): number =>
        ((sequence * capacity + row) * kvHeads + head) * headDim;
      const rows = { keys: tensor("cache", work.keys), values: tensor("cache", work.values) };
      softmaxAttention(p, {
        ...work,
        mode: "causal",
        sequencesPerCache: 1,
        queries: tensor("activations", work.queries),
        queryOffset: (token, head) => (token * heads + head) * headDim,
        rows: { ...rows, keyOffset: offset, valueOffset: offset },
        sinks: optional(work.sinks),
        gate: null,
        output: to,
        kernel: { kind: "fused", blockRows },
      });
      return output;
    }
    case "linear": {
      const operands = { input: tensor("activations", work.input), weights: tensor("weights", work.weights) };
      linear(p, { ...work, ...operands, bias: optional(work.bias), output: to });
      return output;
    }
    case "normalization": {
      const learned = { weight: optional(work.weight), bias: optional(work.bias) };
      normalize(p, { ...work, ...learned, input: tensor("activations", work.input), output: to });
      return output;
    }
    case "rotary-embedding":
      return rotated(p, work);
    case "feed-forward-activation":
      feedForwardActivation(p, {
        ...work,
        kind: work.activation,
        input: tensor("activations", work.input),
        output: to,
      });
      return output;
    case "residual":
      addResidual(p, tensor("activations", work.x), tensor("activations", work.y), to);
      return output;
    case "cache-append":
      return appended(p, work);
    case "decode-step": {
      const { batch, context } = work;
      const decoder = referenceDecoder(p, work.model, { ...work, capacity: context });
      const tokens = fillDecoder(decoder, work.model, batch, context - 1, seededRandom(work.seed + 1));
      return decoder.step({ tokens, phase: "decode" });
    }
  }
}

/** Elements of the answer; 0 where the work makes its own. */
function outputLength(work: ComputedWork): number {
  switch (work.kind) {
    case "attention":
      return work.queries.length;
    case "linear":
      return work.tokens * work.outFeatures;
    case "normalization":
      return work.input.length;
    case "feed-forward-activation":
      return work.tokens * work.dFf;
    case "residual":
      return work.x.length;
    default:
      return 0;
  }
}

function rotated(p: Processor, work: RotaryWork): Float64Array {
  const values = Float64Array.from(work.input);
  rotate(p, {
    tensor: p.tensor("activations", values, bytesPerElement),
    vectors: work.positions.length * work.heads,
    offset: (vector) => vector * work.headDim,
    position: (vector) => work.positions[Math.floor(vector / work.heads)] as number,
    rotaryDim: work.rotaryDim,
    base: work.base,
  });
  return values;
}

function appended(p: Processor, work: CacheAppendWork): Float64Array {
  const values = Float64Array.from(work.cache);
  const { rowElements, capacity, queryTokens } = work;
  appendInPlace({
    sequences: work.contexts.length,
    queryTokens,
    input: p.tensor("activations", Float64Array.from(work.rows), bytesPerElement),
    inputOffset: (token) => token * rowElements,
    cache: p.tensor("cache", values, bytesPerElement),
    rowOffset: (sequence, token) =>
      (sequence * capacity + (work.contexts[sequence] as number) - queryTokens + token) * rowElements,
    from: 0,
    count: rowElements,
  });
  return values;
}
