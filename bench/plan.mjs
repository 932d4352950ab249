/**
 * How long a plan takes: ten kinds of device, all layouts, two formats of weights and of cache each, and the simulation of the best.
 * A configuration is a layout on a kind of device in a pair of formats with one of the batches that fit; the search finds the best batch
 * of each by bisection.
 */
import { performance } from "node:perf_hooks";
import {
  chooseEngine,
  fixedLength,
  loadHardware,
  loadModel,
  parseNumberFormat,
  searchFleets,
  shippedCalibrations,
} from "../dist/node.js";

const kinds = ["h100-sxm", "h200", "mi300x", "a100-80g-sxm", "l40s", "b200", "mi325x", "gb200", "l4", "rtx-4090"];
const machines = await Promise.all(
  kinds.map(async (id) => {
    const hardware = await loadHardware(id);
    return { hardware, pricePerHour: hardware.pricePerHourUsd, ownedDevices: 0 };
  }),
);
const fp8 = parseNumberFormat("fp8");

function questionOf(model, formats) {
  return {
    ...{ model: loadModel(model), machines, speculation: null, separatePrefill: "auto", cachedPromptShare: 0 },
    engineOn: (hardware) =>
      chooseEngine(hardware, hardware, { timing: null, engine: null, calibrations: shippedCalibrations() }),
    workload: { input: fixedLength(1000), output: fixedLength(300), arrivalVariation: 1 },
    load: { kind: "rate", amount: 8 },
    objectives: { ttftSeconds: 0.5, tpotSeconds: 0.04, endToEndSeconds: null, share: 0.95 },
    ...{ weights: formats, kvCaches: formats },
    limits: {
      ...{
        devices: 72,
        devicesPerNode: null,
        nodeLinkBytesPerSecond: null,
        tensor: null,
        pipeline: null,
        expert: null,
      },
      ...{ fleetDevices: null, deviceCounts: null, replicaCounts: null, powerWatts: null, costPerHour: null },
      ...{ utilization: 0.9, memoryShare: null, maxSequences: null, stepTokens: null },
    },
  };
}

for (const [model, formats] of [
  ["llama-3.1-70b", [null]],
  ["llama-3.1-70b", [null, fp8]],
  ["deepseek-v3", [null]],
]) {
  const times = [];
  let found = null;
  for (let round = 0; round < 4; round++) {
    // A model anew each time, so that no plan of a step is kept from the round before.
    const question = questionOf(model, formats);
    const fresh = { ...question, model: structuredClone(question.model) };
    const start = performance.now();
    const cpu = process.cpuUsage();
    found = searchFleets(fresh);
    const { user, system } = process.cpuUsage(cpu);
    times.push([(performance.now() - start) / 1000, (user + system) / 1e6]);
  }
  const [cold, ...warm] = times;
  const best = warm.reduce((a, b) => (b[1] < a[1] ? b : a));
  const { configurations, candidates, refusals } = found;
  console.log(
    `${model}, ${formats.length} formats: ${configurations} configurations, ${candidates.length} fleets, ${refusals.length} refused: ` +
      `first ${cold[0].toFixed(2)} s, then ${best[0].toFixed(2)} s (processor ${best[1].toFixed(2)} s)`,
  );
}
