/**
 * What a plain loop costs that counts and times the same dense decode step with per-operation objects, constants written in:
 * the yardstick for what a program around it adds. Llama-2-7B in bf16 on an H100; 13 operations.
 */
const d = 4096;
const layers = 32;
const heads = 32;
const kvHeads = 32;
const headDim = 128;
const dFf = 11008;
const vocab = 32000;
const bandwidth = 3.35e12;
const peak = 989e12;

export function prototypeSteps(batch, context) {
  const operations = [];
  const add = (name, count, flops, weightBytes, kvBytes, activationBytes) => {
    const bytes = weightBytes + kvBytes + activationBytes;
    const seconds = count * Math.max(bytes / bandwidth, flops / peak);
    operations.push({
      name,
      count,
      flops: count * flops,
      weightBytes: count * weightBytes,
      kvBytes: count * kvBytes,
      activationBytes: count * activationBytes,
      seconds,
    });
  };
  const linear = (name, count, k, n) => add(name, count, 2 * batch * k * n, 2 * k * n, 0, 2 * batch * (k + n));
  add("embedding lookup", 1, 0, 2 * batch * d, 0, 2 * batch * d);
  add("norms", 2 * layers, 4 * batch * d, 2 * d, 0, 4 * batch * d);
  linear("q/k/v projection", layers, d, (heads + 2 * kvHeads) * headDim);
  add(
    "rotary embedding",
    layers,
    3 * batch * (heads + kvHeads) * headDim,
    0,
    0,
    4 * batch * (heads + kvHeads) * headDim,
  );
  add("cache append", layers, 0, 0, 4 * batch * kvHeads * headDim, 4 * batch * kvHeads * headDim);
  add(
    "attention",
    layers,
    batch * heads * (4 * context * headDim + 5 * context + headDim),
    0,
    4 * batch * context * kvHeads * headDim,
    4 * batch * heads * headDim,
  );
  linear("output projection", layers, heads * headDim, d);
  linear("feed-forward up", layers, d, 2 * dFf);
  add("feed-forward activation", layers, 5 * batch * dFf, 0, 0, 6 * batch * dFf);
  linear("feed-forward down", layers, dFf, d);
  add("residual", 2 * layers, batch * d, 0, 0, 6 * batch * d);
  add("final norm", 1, 4 * batch * d, 2 * d, 0, 4 * batch * d);
  linear("logits", 1, d, vocab);
  let seconds = 0;
  for (const operation of operations) seconds += operation.seconds;
  return seconds;
}
