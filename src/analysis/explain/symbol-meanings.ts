/** What each symbol of an operation's formulas means; the same letter may mean something else in another operation. */
import type { OperationKind } from "../../operations/registry.ts";

const shared: Readonly<Record<string, string>> = {
  B: "sequences (batch, times beams)",
  G: "requests",
  Q: "new tokens a sequence",
  S: "context: rows of the cache a sequence",
  T: "new tokens in all",
  d: "features of the residual stream",
  ew: "bytes an element of weights",
  eb: "bytes an element of biases",
  ekv: "bytes an element of the cache",
  ea: "bytes an element of activations",
  c: "elements a cached row",
  w: "rows of the window",
  W: "bytes of weights",
};

const own: Readonly<Record<OperationKind, Readonly<Record<string, string>>>> = {
  "attention-core": { N: "rows of the encoder's output", Hq: "query heads", D: "dimension of a head", C: "chunk" },
  "beam-reorder": {},
  "cache-append": {},
  collective: { X: "devices", n: "elements a token", e: "bytes an element", T: "tokens" },
  "embedding-lookup": { ep: "bytes an element of the position table" },
  "feed-forward-activation": { F: "width of the network", g: "1 with a gate, 0 without" },
  "latent-absorption": { H: "heads", m: "dimension of a head", r: "rank of the latent rows" },
  "latent-attention-core": {
    H: "heads",
    r: "rank of the latent rows",
    p: "dimension of the rotary key",
    k: "a head's position-free key dimension",
    v: "a head's value dimension",
    K: "rows that a query keeps",
  },
  "linear-attention-core": {
    H: "value heads",
    k: "key dimension",
    v: "value dimension",
    n: "channels of the convolution",
    C: "width of the convolution",
    es: "bytes an element of the state",
  },
  logits: { N: "tokens whose logits are computed", V: "rows of the LM head" },
  "mixture-of-experts": {
    E: "routed experts",
    k: "experts a token uses",
    m: "matrices into an expert: 2 with a gate",
    F: "width of an expert",
    b: "bias elements of an expert",
  },
  normalization: { m: "vectors a token", n: "features normalised together", a: "FLOPs a feature" },
  projection: { k: "input features", n: "output features", nb: "bias elements" },
  residual: {},
  "rotary-embedding": { H: "query and key heads", r: "dimensions turned in each" },
  "sparse-indexer": { h: "heads of the indexer", x: "dimension of its heads" },
};

const rates: Readonly<Record<string, string>> = {
  BW: "memory bandwidth in bytes a second",
  P: "peak in FLOP/s",
  R: "link rate in bytes a second",
};

/** What a symbol of an operation of this kind means. @throws RangeError for a symbol that nobody has described */
export function symbolMeaning(kind: string, symbol: string): string {
  const meaning =
    (Object.hasOwn(own, kind) ? own[kind as OperationKind][symbol] : undefined) ?? shared[symbol] ?? rates[symbol];
  if (meaning === undefined) throw new RangeError(`symbol ${symbol} of ${kind} has no meaning written down`);
  return meaning;
}
