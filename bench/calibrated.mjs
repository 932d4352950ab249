/**
 * `npm run bench`: calibrated timing. Whole steps a second beside the roofline's on the same thread, turn by turn, and how long a
 * fit of 60,000 rows takes as a process of its own: the measured attention calls, each sixty times with made-up noise.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  chooseTiming,
  evaluateStep,
  loadHardware,
  loadModel,
  shippedCalibrations,
  stepPredictor,
} from "../dist/node.js";

const root = join(import.meta.dirname, "..");
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
/** Every result is added up here, so that none is optimised away. */
let sink = 0;

await predictions();
fitting();
if (!Number.isFinite(sink)) console.log(sink);

async function predictions() {
  const hardware = await loadHardware("h100-sxm");
  const models = ["llama-2-7b", "llama-3.1-70b", "mixtral-8x7b"];
  console.log("\nwhole decode steps a second on an H100, calibrated beside the roofline (median of 5)");
  for (const id of models) {
    const model = loadModel(id);
    const predictorBy = (timing) => {
      const choice = { timing, engine: null, calibrations: shippedCalibrations() };
      return stepPredictor(model, hardware, { timing: chooseTiming(hardware, choice) });
    };
    const [calibrated, roofline] = [predictorBy("calibrated"), predictorBy("roofline")];
    const [ours, plain] = [[], []];
    for (let round = 0; round < 7; round++) {
      ours.push(rate(calibrated, 200_000));
      plain.push(rate(roofline, 500_000));
    }
    const [fitted, ideal] = [median(ours.slice(2)), median(plain.slice(2))];
    const operations = calibrated.plan.operations.length;
    console.log(
      `  ${id.padEnd(16)}${operations} operations   calibrated ${(fitted / 1e6).toFixed(2)} M/s   roofline ${(ideal / 1e6).toFixed(2)} M/s   ${(ideal / fitted).toFixed(1)} times`,
    );
  }
}

function rate(predictor, steps) {
  const workload = { batch: 1, context: 1 };
  const started = performance.now();
  for (let i = 0; i < steps; i++) {
    workload.batch = 1 + (i & 255);
    workload.context = 1 + (i & 8191);
    sink += evaluateStep(predictor, workload).seconds;
  }
  return (1000 * steps) / (performance.now() - started);
}

function fitting() {
  const folder = mkdtempSync(join(tmpdir(), "ridgepoint-bench-"));
  try {
    const [header, ...rows] = readFileSync(join(root, "measurements", "H100", "attention.csv"), "utf8")
      .trimEnd()
      .split("\n");
    const at = header.split(",").indexOf("time_us");
    const many = Array.from({ length: 60 }, (_, copy) =>
      rows.map((row, i) => {
        const cells = row.split(",");
        cells[at] = String(cells[at] * (1 + 0.02 * Math.sin(37 * (copy + 1) * (i + 1))));
        return cells.slice(0, at + 1).join(",");
      }),
    ).flat();
    const table = join(folder, "many.csv");
    writeFileSync(
      table,
      `${header
        .split(",")
        .slice(0, at + 1)
        .join(",")}\n${many.join("\n")}\n`,
    );
    const program = join(root, "dist", "cli", "ridgepoint.js");
    const started = performance.now();
    const words = ["calibrate", table, "--hardware", "h100-sxm", "--out", folder, "--without-rows"];
    const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const seconds = (performance.now() - started) / 1000;
    console.log(`\nfitting ${many.length} rows of three kernels, cross-validated: ${seconds.toFixed(1)} s`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
