/**
 * One realistic input a chart kind: Llama-2-7B in bf16 on an H100 SXM (3.35 TB/s, 989 TFLOP/s dense bf16), weights read
 * 13.2 GB, keys and values 524,288 B a token with 32 heads, a quarter with 8, a thirty-second with one.
 */
import type { ChartInputs } from "../../src/charts/chart-kinds.ts";
import { planningSamples } from "./planning-samples.ts";

const bandwidth = 3.35e12;
const peak = 989e12;
const capacityBytes = 85_017_493_504;
const variants = [
  { series: "MHA", weightBytes: 13.215e9, kvBytesPerToken: 524_288, projection: 4 },
  { series: "GQA-8", weightBytes: 11.604e9, kvBytesPerToken: 131_072, projection: 2.5 },
  { series: "MQA", weightBytes: 11.135e9, kvBytesPerToken: 16_384, projection: 2.0625 },
];
const contexts = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072];
const batches = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

function step(variant: (typeof variants)[number], batch: number, context: number) {
  const kvBytes = batch * (context + 1) * variant.kvBytesPerToken;
  const activationBytes = batch * 12e6;
  const flops = variant.weightBytes * batch + batch * context * 524_288 * 2;
  const memorySeconds = (variant.weightBytes + kvBytes + activationBytes) / bandwidth;
  const stepSeconds = Math.max(memorySeconds, flops / peak);
  const fits = variant.weightBytes + 262e6 + kvBytes <= capacityBytes;
  return { kvBytes, activationBytes, stepSeconds, fits };
}

const batch = 8;
const operations = [
  { operation: "embedding lookup", weights: 0, kv: false, flops: 0 },
  { operation: "RMS norm", weights: 0.0005e9, kv: false, flops: 1.1e6 },
  { operation: "Q projection", weights: 1.074e9, kv: false, flops: 1.074e9 },
  { operation: "K/V projection", weights: 2.148e9, kv: false, flops: 2.148e9 },
  { operation: "attention core", weights: 0, kv: true, flops: 4096 * 524_288 },
  { operation: "output projection", weights: 1.074e9, kv: false, flops: 1.074e9 },
  { operation: "feed-forward", weights: 8.657e9, kv: false, flops: 8.657e9 },
  { operation: "logits", weights: 0.262e9, kv: false, flops: 0.262e9 },
];
const points = variants.flatMap((variant) => {
  const timed = operations.map((each) => {
    const weights =
      each.operation === "K/V projection" ? each.weights * (variant.kvBytesPerToken / 524_288) : each.weights;
    const flops = batch * (each.operation === "K/V projection" ? weights : each.flops);
    const bytes = weights + batch * 3e6 + (each.kv ? batch * 4096 * variant.kvBytesPerToken : 0);
    const seconds = Math.max(bytes / bandwidth, flops / peak);
    return { operation: each.operation, intensity: flops / bytes, flopsPerSecond: flops / seconds, seconds };
  });
  const total = timed.reduce((sum, each) => sum + each.seconds, 0);
  return timed.map(({ seconds, ...each }) => ({ series: variant.series, ...each, share: seconds / total }));
});

/** Made up: a launch of 6 µs and 85 % of the bandwidth; the last is predicted too slow by far. */
const errorPoints = [
  ...variants.flatMap((variant) =>
    contexts.map((context) => {
      const predictedSeconds = (context * variant.kvBytesPerToken) / 32 / bandwidth;
      const measuredSeconds = predictedSeconds / 0.85 + 6e-6;
      return { series: variant.series, label: `context ${context}`, measuredSeconds, predictedSeconds };
    }),
  ),
  { series: "MHA", label: "in the cache", measuredSeconds: 7e-6, predictedSeconds: 28e-6 },
];

export const chartSamples: ChartInputs = {
  ...planningSamples,
  roofline: {
    title: "Llama-2-7B decoding on an H100 SXM: roofline",
    subtitle: "batch 8, context 4k, bf16",
    machine: {
      name: "H100 SXM",
      bandwidthBytesPerSecond: bandwidth,
      ceilings: [
        { format: "bf16", flopsPerSecond: peak },
        { format: "fp16", flopsPerSecond: peak },
        { format: "fp8", flopsPerSecond: 1979e12 },
        { format: "fp32", flopsPerSecond: 67e12 },
      ],
    },
    points,
  },
  "time-by-context": {
    title: "Step time by context: Llama-2-7B on an H100 SXM",
    subtitle: "batch 8, bf16",
    rows: variants.flatMap((variant) =>
      contexts.map((context) => ({ series: variant.series, context, ...timeOf(variant, 8, context) })),
    ),
  },
  "time-by-batch": {
    title: "Step time by batch: Llama-2-7B on an H100 SXM",
    subtitle: "context 4k, bf16",
    rows: variants.flatMap((variant) =>
      batches.map((each) => ({ series: variant.series, batch: each, ...timeOf(variant, each, 4096) })),
    ),
  },
  "bytes-by-part": {
    title: "Bytes of one decode step: Llama-2-7B",
    subtitle: "batch 8, bf16",
    rows: [1024, 4096, 16384].flatMap((context) =>
      variants.map((variant) => {
        const { kvBytes, activationBytes } = step(variant, 8, context);
        return { series: variant.series, context, weightBytes: variant.weightBytes, kvBytes, activationBytes };
      }),
    ),
  },
  "speedup-heatmap": {
    title: "Speed-up over MHA: Llama-2-7B on an H100 SXM",
    subtitle: "bf16, one decode step",
    baseline: "MHA",
    rows: variants.slice(1).flatMap((variant) =>
      [1, 4, 16, 64, 256, 512].flatMap((each) =>
        contexts.slice(0, 7).map((context) => {
          const base = step(variants[0]!, each, context);
          const own = step(variant, each, context);
          return {
            series: variant.series,
            batch: each,
            context,
            speedup: own.fits ? base.stepSeconds / own.stepSeconds : null,
            fits: own.fits,
            baselineFits: base.fits,
          };
        }),
      ),
    ),
  },
  "memory-by-context": {
    title: "Memory against capacity: Llama-2-7B on an H100 80GB",
    subtitle: "batch 8, bf16",
    by: "context",
    capacityBytes,
    rows: variants.flatMap((variant) =>
      contexts.map((context) => ({
        series: variant.series,
        at: context,
        weightBytes: variant.weightBytes + 262e6,
        cacheBytes: step(variant, 8, context).kvBytes,
      })),
    ),
  },
  "memory-mountain": {
    title: "Memory of a made-up machine",
    subtitle: "two threads; L2 1 MiB each, L3 32 MiB",
    caches: [
      { name: "L2", bytes: 2 ** 21 },
      { name: "L3", bytes: 2 ** 25 },
    ],
    rows: ["read", "triad"].flatMap((series) =>
      [1, 2].flatMap((threads) =>
        Array.from({ length: 15 }, (_, i) => {
          const workingSetBytes = 2 ** (14 + i);
          const level = workingSetBytes <= threads * 2 ** 20 ? 50e9 : workingSetBytes <= 2 ** 25 ? 20e9 : 8e9;
          const bytesPerSecond = level * (workingSetBytes > 2 ** 25 ? 1 : threads) * (series === "read" ? 1 : 0.7);
          const [least, largest] = [0.9 * bytesPerSecond, 1.05 * bytesPerSecond];
          return {
            series,
            threads,
            workingSetBytes,
            bytesPerSecond,
            leastBytesPerSecond: least,
            largestBytesPerSecond: largest,
          };
        }),
      ),
    ),
  },
  "request-timeline": {
    title: "One request: Llama-2-7B on an H100 SXM",
    subtitle: "1,000 tokens in, 300 out, batch 32, bf16",
    capacityBytes,
    rows: variants.flatMap((variant) =>
      Array.from({ length: 7 }, (_, index) => {
        const token = Math.max(1, index * 50);
        const { stepSeconds, kvBytes } = step(variant, 32, 1000 + token);
        return { series: variant.series, token, stepSeconds, memoryBytes: variant.weightBytes + kvBytes };
      }),
    ),
  },
  "published-against-counted": {
    title: "The multi-query paper's speed table, counted",
    subtitle: "TPU v2, batch 1024, 128 + 128 tokens",
    per: "token",
    // Published: Shazeer 2019, table 3 (µs a token); the counted side here is made up for the drawing.
    rows: [
      { group: "Decoder, greedy", model: "multi-head", countedSeconds: 18.2e-6, publishedSeconds: 46e-6 },
      { group: "Decoder, greedy", model: "multi-query", countedSeconds: 1.4e-6, publishedSeconds: 3.8e-6 },
      { group: "Decoder, greedy", model: "multi-head local", countedSeconds: 9.4e-6, publishedSeconds: 23e-6 },
      { group: "Decoder, greedy", model: "multi-query local", countedSeconds: 1.2e-6, publishedSeconds: 3.3e-6 },
      { group: "Decoder, beam 4", model: "multi-head", countedSeconds: 92e-6, publishedSeconds: 203e-6 },
      { group: "Decoder, beam 4", model: "multi-query", countedSeconds: 5.1e-6, publishedSeconds: 32e-6 },
      { group: "Decoder, beam 4", model: "multi-head local", countedSeconds: 20e-6, publishedSeconds: 47e-6 },
      { group: "Decoder, beam 4", model: "multi-query local", countedSeconds: 4.2e-6, publishedSeconds: 16e-6 },
    ],
  },
  sensitivity: {
    title: "What a change would save: Llama-2-7B on an H100 SXM",
    subtitle: "batch 8, context 4k, bf16: 9.1 ms a step",
    stepSeconds: 9.1e-3,
    rows: [
      { change: "+10 % bandwidth", stepSeconds: 8.27e-3 },
      { change: "half the cache bytes", stepSeconds: 6.54e-3 },
      { change: "half the weight bytes", stepSeconds: 7.13e-3 },
      { change: "twice the FLOP/s", stepSeconds: 9.1e-3 },
      { change: "MQA instead of MHA", stepSeconds: 3.5e-3 },
      { change: "batch + 1", stepSeconds: 9.73e-3 },
    ],
  },
  "predicted-against-measured": {
    title: "Predicted against measured: attention on an H100 SXM",
    subtitle: "roofline on datasheet figures",
    rows: errorPoints,
  },
  "prediction-error": {
    title: "Error of the prediction: attention on an H100 SXM",
    subtitle: "roofline on datasheet figures",
    rows: errorPoints,
  },
  "measured-by-context": {
    title: "Step time on this machine: gated, 4 layers of 1024",
    subtitle: "a processor of 2 threads, 2026-11-25, bf16, batch 1",
    rows: ["MHA", "GQA", "MQA"].flatMap((series, kind) =>
      [2048, 4096, 8192, 16384].map((context, i) => {
        const predictedSeconds = 0.006 + (context * 1e-6) / 4 ** kind;
        const seconds = predictedSeconds * (1 + 0.03 * ((i % 3) - 1));
        const measured = { seconds, lowSeconds: 0.98 * seconds, highSeconds: 1.05 * seconds };
        return { series, context, predictedSeconds, measured: context === 4096 ? null : measured };
      }),
    ),
  },
  "interval-coverage": {
    title: "Measured times inside their 90 % interval",
    subtitle: "made up",
    rows: [
      { family: "linear, bf16", coverage: 90.9, measurements: 132 },
      { family: "decode attention, triton", coverage: 84.2, measurements: 336 },
      { family: "mixture of experts, fp8 in blocks of 128 by 128", coverage: 99.5, measurements: 49_862 },
    ],
  },
  "error-by-size": {
    title: "Error by bytes moved",
    subtitle: "made up",
    rows: ["attention", "matmul"].flatMap((series, i) =>
      [1e4, 1e5, 1e6, 1e7, 1e8, 1e9].map((fromBytes, j) => ({
        series,
        fromBytes,
        measurements: 400 - 50 * j,
        medianPercent: 12 - 2 * j + i,
        percentile90: 32 - 4 * j + 2 * i,
      })),
    ),
  },
  "formula-comparison": {
    title: "Median error on the same rows",
    subtitle: "made up",
    rows: ["whole steps", "linear layers", "attention of a table with a long name"].flatMap((group, i) =>
      ["Ridgepoint", "one affine fit", "80 % + 3 µs", "roofline"].map((series, j) => ({
        group,
        series,
        medianPercent: 1.5 + 9 * j + i,
      })),
    ),
  },
};

function timeOf(variant: (typeof variants)[number], batchSize: number, context: number) {
  const { stepSeconds, fits } = step(variant, batchSize, context);
  return { stepSeconds, fits };
}
