/**
 * How many requests a second the simulation of continuous batching serves on one thread, and the most heap it takes:
 * `npm run build && node bench/simulate.mjs [requests …]`. Steps are a formula, so this is the simulation alone.
 * Four replicas at some 70 % of the 56 requests a second that they can serve (with 256 sequences each), Poisson arrivals, exponential lengths around
 * 1000 and 300 tokens.
 */
import { simulateServing } from "../dist/planning.js";

const sizes = process.argv.slice(2).map(Number);
for (const requests of sizes.length > 0 ? sizes : [100_000, 1_000_000]) measure(requests);

function measure(requests) {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  };
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let steps = 0;
  const started = performance.now();
  const result = simulateServing({
    replica: replica(() => steps++),
    replicas: 4,
    balancer: "least-loaded",
    load: { kind: "open", requests: poisson(requests, 39) },
    onProgress: look,
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${requests} requests in ${seconds.toFixed(2)} s (${Math.round(requests / seconds)} a second, ${(steps / requests).toFixed(1)} steps timed a request), ` +
      `heap at most ${((peak - before) / 1e6).toFixed(1)} MB above ${(before / 1e6).toFixed(1)} MB; ` +
      `utilization ${result.utilization.toFixed(2)}, ${result.meanRunning.toFixed(1)} running, ${result.meanWaiting.toFixed(2)} waiting, ` +
      `TTFT p95 ${(1000 * result.ttftSeconds.p95).toFixed(0)} ms, TPOT p95 ${(1000 * result.tpotSeconds.p95).toFixed(1)} ms`,
  );
}

/** An 8-billion-parameter model on one device: 6 ms of weights, 50 ns a sequence and row, 60 µs a prompt token. */
function replica(count) {
  return {
    steps: {
      tokensPerStep: 1,
      stages: 1,
      stepSeconds(sequences, context, promptTokens, promptContext) {
        count();
        return 6e-3 + sequences * (2e-5 + 5e-8 * context) + promptTokens * (4e-5 + 1e-9 * promptContext);
      },
    },
    policy: { prefill: "mixed", stepTokens: 4096, reservedShare: 0.5, admittedShare: 0 },
    maxSequences: 256,
    cacheCapacityBytes: 50e9,
    requestBytes: (rows) => Math.ceil(rows / 16) * 16 * 131_072,
    cachedPromptShare: 0,
    requestSeconds: 0,
  };
}

function poisson(requests, perSecond) {
  let [left, now, state] = [requests, 0, 1];
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return {
    next(into) {
      if (left-- <= 0) return false;
      now -= Math.log(uniform()) / perSecond;
      into.arrivalSeconds = now;
      into.inputTokens = Math.ceil(-1000 * Math.log(uniform()));
      into.outputTokens = Math.ceil(-300 * Math.log(uniform()));
      return true;
    },
  };
}
