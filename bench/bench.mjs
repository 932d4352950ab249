/**
 * `npm run bench`: how fast the program itself is. Ratios are measured side by side in one run, since machines are noisy;
 * nothing here passes or fails.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluateStep, loadHardware, loadModel, predictStep, stepPredictor } from "../dist/node.js";
import { prototypeSteps } from "./prototype.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const spread = (values) => `${Math.min(...values).toPrecision(3)} to ${Math.max(...values).toPrecision(3)}`;
/** Every result is added up here, so that none is optimised away. */
let sink = 0;
const program = join(root, "dist", "cli", "ridgepoint.js");

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}`,
);
await predictions();
startUp();
sweep();

/** Whole decode-step predictions a second on one thread, beside a plain loop that counts the same with no program around it. */
async function predictions() {
  const predictor = stepPredictor(loadModel("llama-2-7b"), await loadHardware("h100-sxm"));
  const operations = predictor.plan.operations.length;
  const steps = 500_000;
  const tape = { batch: 1, context: 1 };
  const ours = [];
  const plain = [];
  const objects = [];
  for (let round = 0; round < 7; round++) {
    ours.push(
      rate(steps, (i) => {
        tape.batch = 1 + (i & 255);
        tape.context = 1 + (i & 8191);
        return evaluateStep(predictor, tape).seconds;
      }),
    );
    plain.push(rate(steps, (i) => prototypeSteps(1 + (i & 255), 1 + (i & 8191))));
    objects.push(
      rate(
        steps / 10,
        (i) => predictStep(predictor, { batch: 1 + (i & 255), context: 1 + (i & 8191) }).lowerBoundSeconds,
      ),
    );
  }
  const warm = (values) => values.slice(2);
  console.log(
    `\nwhole decode steps a second, ${operations} operations, per-operation figures included (median of 5, spread)`,
  );
  console.log(
    `  evaluateStep, the commands' path     ${(median(warm(ours)) / 1e6).toFixed(2)} M/s  (${spread(warm(ours).map((v) => v / 1e6))})`,
  );
  console.log(
    `  plain prototype with objects         ${(median(warm(plain)) / 1e6).toFixed(2)} M/s  (${spread(warm(plain).map((v) => v / 1e6))})`,
  );
  console.log(`  predictStep, fresh objects and fit   ${(median(warm(objects)) / 1e6).toFixed(2)} M/s`);
  console.log(
    `  ratio to the prototype               ${median(warm(ours).map((v, i) => v / warm(plain)[i])).toFixed(2)}`,
  );
}

function rate(steps, evaluate) {
  const started = performance.now();
  for (let i = 0; i < steps; i++) sink += evaluate(i);
  return (1000 * steps) / (performance.now() - started);
}

/** `ridgepoint step` as a process against `node -e 0`, 60 alternating runs. */
function startUp() {
  const step = [];
  const zero = [];
  for (let i = 0; i < 60; i++) {
    step.push(wall([program, "step"]));
    zero.push(wall(["-e", "0"]));
  }
  console.log("\n`ridgepoint step` as a process, 60 alternating runs (median, spread in ms)");
  console.log(`  ridgepoint step  ${median(step).toFixed(1)}  (${spread(step)})`);
  console.log(`  node -e 0        ${median(zero).toFixed(1)}  (${spread(zero)})`);
  console.log(`  ratio of medians ${(median(step) / median(zero)).toFixed(2)}; target 1.6`);
}

function wall(args) {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** Rows a second of a sweep written as CSV, on one thread and on two. */
function sweep() {
  if (!existsSync(join(root, "dist", "cli", "sweep-worker.js"))) return;
  const grid = [
    "sweep",
    "--model",
    "llama-2-7b,llama-3.1-8b",
    "--attention",
    "as-is,mqa",
    "--batch",
    "1..250+1",
    "--context",
    "64..32000+64",
    "--quiet",
  ];
  const rows = 2 * 2 * 250 * 500;
  console.log(`\nsweep of ${rows.toLocaleString("en")} rows to CSV, rows a second (3 alternating runs)`);
  const rates = { 1: [], 2: [] };
  for (let round = 0; round < 3; round++) {
    for (const threads of [1, 2])
      rates[threads].push(
        rows / (wall([program, ...grid, "--threads", String(threads), "--out", "/dev/null", "--format", "csv"]) / 1000),
      );
  }
  for (const threads of [1, 2])
    console.log(
      `  ${threads} thread${threads > 1 ? "s" : " "}  ${Math.round(median(rates[threads])).toLocaleString("en")}`,
    );
}
if (!Number.isFinite(sink)) throw new Error("a prediction was not finite");
