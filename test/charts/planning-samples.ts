/** One realistic input for each chart of capacity planning: Llama-3.1-70B under a load of chats, figures made up by hand. */
import type { ChartInputs } from "../../src/charts/chart-kinds.ts";

type Planning = "plan-front" | "plan-memory" | "serving-timeline" | "latency-distribution" | "largest-batch";

/** Time an output token and cost a million tokens of each layout: a wider group is faster and costs more. */
const layouts = [
  { hardware: "H100 SXM5 80GB", price: 2.9, fastest: 0.0092 },
  { hardware: "H200 SXM", price: 3.6, fastest: 0.0075 },
  { hardware: "MI300X", price: 2.6, fastest: 0.0088 },
  { hardware: "L40S", price: 1.1, fastest: 0.031 },
].flatMap(({ hardware, price, fastest }) =>
  [2, 4, 8].flatMap((tensor) =>
    [16, 64, 192].map((batch) => {
      const xSeconds = fastest * (8 / tensor) ** 0.75 * (1 + batch / 110);
      const y = (price * tensor * xSeconds * 1e6) / 3600 / batch;
      return { label: `TP ${tensor}, batch ${batch}`, hardware, xSeconds, y };
    }),
  ),
);
const objective = 0.04;
const onFront = (at: (typeof layouts)[number]): boolean =>
  !layouts.some((other) => other !== at && other.xSeconds <= at.xSeconds && other.y <= at.y);
const cheapest = [...layouts].filter((each) => each.xSeconds <= objective).sort((a, b) => a.y - b.y)[0];

/** A load that rises until the cache is full, and falls again. */
const timeline = Array.from({ length: 61 }, (_, i) => {
  const seconds = 10 * i;
  const load = 40 + 260 * Math.exp(-(((seconds - 300) / 110) ** 2)) + 9 * Math.sin(i * 1.7);
  const running = Math.round(Math.min(load, 208));
  const cacheShare = Math.min(1, load / 215);
  return {
    seconds,
    running,
    waiting: Math.round(Math.max(0, load - 208)),
    cacheShare,
    tokensPerSecond: 62 * running * (1 - running / 900),
    preempted: cacheShare === 1 && i % 4 === 0 ? 2 : 0,
  };
});

/** Of a log-normal distribution, by the logistic curve beside it. */
const distribution = (median: number, spread: number) =>
  Array.from({ length: 40 }, (_, i) => {
    const share = (i + 0.5) / 40;
    return { share, seconds: median * (share / (1 - share)) ** (spread / 1.702) };
  });

const parts = (weights: number, cache: number, activations: number, reserve: number, capacity: number) => {
  const named = {
    weights,
    cache,
    activations,
    runtime: 1.1e9,
    "collective buffers": 0.9e9,
    fragmentation: 0.02 * cache,
  };
  const held = Object.values(named).reduce((sum, bytes) => sum + bytes, 0);
  const all = { ...named, reserve, free: Math.max(0, capacity - held - reserve) };
  return Object.entries(all).map(([name, bytes]) => ({ name, bytes }));
};

export const planningSamples: Pick<ChartInputs, Planning> = {
  "plan-front": {
    title: "Cost against time an output token: Llama 3.1 70B",
    subtitle: "8 requests/s, 1,000 tokens in, 300 out, fp8 weights",
    yKind: "cost per million tokens",
    objectiveSeconds: objective,
    percentile: 95,
    points: layouts.map((each) => ({
      ...each,
      onFront: onFront(each),
      isBest: each === cheapest,
      fails: each.xSeconds > objective,
    })),
  },
  "plan-memory": {
    title: "Memory of a device by part: Llama 3.1 70B",
    subtitle: "fp8 weights, bf16 K/V",
    bars: [
      { label: "H100 SXM5 80GB, TP 2", parts: parts(35.4e9, 37e9, 2.1e9, 6.8e9, 85e9), capacityBytes: 85e9 },
      { label: "H200 SXM, TP 2", parts: parts(35.4e9, 82e9, 2.1e9, 12e9, 151e9), capacityBytes: 151e9 },
      { label: "MI300X, TP 1", parts: parts(70.7e9, 78e9, 4.2e9, 16.5e9, 206e9), capacityBytes: 206e9 },
      { label: "L40S, TP 2", parts: parts(35.4e9, 18e9, 2.1e9, 3.8e9, 48e9), capacityBytes: 48e9 },
    ],
  },
  "serving-timeline": {
    title: "Ten minutes of chats: Llama 3.1 70B on 4 × H100",
    subtitle: "one replica, tensor parallel 4, a burst in the middle",
    points: timeline,
  },
  "latency-distribution": {
    title: "Latency of the requests: Llama 3.1 70B on 4 × H100",
    subtitle: "100,000 requests, 8 requests/s",
    percentile: 95,
    series: [
      { name: "TTFT", points: distribution(0.21, 0.55), objectiveSeconds: 0.5 },
      { name: "TPOT", points: distribution(0.024, 0.16), objectiveSeconds: 0.04 },
      { name: "end to end", points: distribution(7.4, 0.3), objectiveSeconds: null },
    ],
  },
  "largest-batch": {
    title: "What fits: Llama 3.1 8B on an H100",
    subtitle: "bf16 weights, 85 GB",
    lines: [
      { label: "MHA 32, bf16 K/V", bytes: 524_288 },
      { label: "GQA 32/8, bf16 K/V", bytes: 131_072 },
      { label: "GQA 32/8, fp8 K/V", bytes: 65_536 },
      { label: "MQA 32/1, bf16 K/V", bytes: 16_384 },
    ].map(({ label, bytes }) => ({
      label,
      points: [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144].map((context) => ({
        context,
        batch: Math.floor(64e9 / (context * bytes)),
      })),
      longestContext: Math.floor(64e9 / bytes),
    })),
  },
};
