import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { countDecodeStep } from "../../src/analysis/count-decode-step.ts";
import { validate } from "../../src/cli/commands/validate.ts";
import { judgeThisMachine } from "../../src/cli/judge-this-machine.ts";
import type { HereTools } from "../../src/cli/measured-here.ts";
import { hereOutputSchema } from "../../src/cli/schemas/here-output.ts";
import { type HereSettings, validateHere } from "../../src/cli/validate-here.ts";
import { parseHardwareProfile } from "../../src/hardware/hardware-profile-schema.ts";
import type { KernelWork } from "../../src/kernels/kernel.ts";
import type { MachineDescription } from "../../src/measurement/machine-description.ts";
import type { GridRow, MeasuredShape, StepShape } from "../../src/measurement/measured-shape.ts";
import { shapeBytes } from "../../src/measurement/shape-bytes.ts";
import type { HereGrid } from "../../src/validation/here-grid.ts";
import { type FakeSettings, fakeBackend, fakeClock } from "../measurement/fake-backend.ts";
import { runCommand } from "../support/run-command.ts";

/** 1 MiB of last cache, so that the fake's arrays stay small. */
const machine: MachineDescription = {
  ...{ label: "made-up-2-threads", processor: "Made-up", architecture: "x64", cores: 2, usableThreads: 2 },
  caches: [{ level: 3, type: "unified", bytes: 2 ** 20, sharedBy: 2, instances: 1 }],
  ...{ memoryBytes: 8e9, operatingSystem: "none 1.0", node: "20.0.0", v8: "11", version: "0.0.0" },
  ...{ adapter: null, date: "2026-11-25" },
};

const row = <Shape extends MeasuredShape>(shape: Shape): GridRow & { readonly shape: Shape } => {
  return { shape, backend: "wasm", threads: 2, cold: shape.kind !== "elementwise" };
};
const attention = (kvHeads: number, context: number) =>
  row({ kind: "attention", dtype: "fp32", batch: 1, heads: 8, kvHeads, headDim: 64, context });
const linear = (n: number) => row({ kind: "linear", dtype: "fp32", what: "", m: 1, k: 128, n });
const residual = (features: number) =>
  row({ kind: "elementwise", op: "residual", dtype: "fp32", rows: 1, features, headDim: null, gated: null });
const step = (kvHeads: number, context: number) =>
  row<StepShape>({
    ...{ kind: "steps", model: "tiny", layers: 2, dModel: 128, heads: 4, kvHeads, headDim: 32, dFf: 256 },
    ...{ gated: true, vocab: 4096, window: null, dtype: "fp32", kvDtype: "fp32", batch: 1, context },
  });
const grid: HereGrid = {
  kernels: [
    ...[8, 1].flatMap((kvHeads) => [512, 1024, 2048, 4096].map((context) => attention(kvHeads, context))),
    ...[512, 1024, 2048, 4096, 8192].map(linear),
    ...[128, 1024, 8192].map(residual),
  ],
  steps: [4, 1].flatMap((kvHeads) => [1024, 8192].map((context) => step(kvHeads, context))),
};

const bandwidth = 10e9;
const startSeconds = 2e-6;

/** A machine of 10 GB/s, 50 GFLOP/s and 2 µs a kernel, whose kernels reach 80 % of the bandwidth; steps are off by a factor. */
const secondsOf =
  (stepFactor: number) =>
  (_run: number, work: KernelWork): number => {
    if (work.kind === "empty") return startSeconds;
    if (work.kind === "multiply-add") return startSeconds + work.multiplyAdds / 25e9;
    if (work.kind === "stream") return startSeconds + (work.workingSetBytes * work.passes) / bandwidth;
    const kernel = (bytes: number): number => startSeconds + bytes / (0.8 * bandwidth);
    if (work.kind === "attention") {
      const dtype = work.format === "f32" ? "fp32" : work.format;
      const { heads, kvHeads, headDim } = work;
      const shape = { kind: "attention" as const, dtype, batch: 1, heads, kvHeads, headDim, context: work.capacity };
      return kernel(shapeBytes(shape).moved);
    }
    if (work.kind === "linear") return kernel(4 * (work.inFeatures * work.outFeatures + work.outFeatures));
    if (work.kind === "residual") return kernel(12 * work.x.length);
    if (work.kind !== "decode-step") return startSeconds;
    const { totals } = countDecodeStep(work.model, { batch: work.batch, context: work.context }, work.options);
    return stepFactor * kernel(totals.bytes);
  };

function toolsOf(stepFactor = 1, fake: FakeSettings = {}, described: MachineDescription = machine) {
  const clock = fakeClock();
  const backend = fakeBackend(clock, { seconds: secondsOf(stepFactor), ...fake });
  const tools: HereTools = {
    backend: async () => backend,
    clock: () => clock,
    machine: async () => described,
    otherPrograms: () => () => 0.25,
    grid,
  };
  return { tools, backend };
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(tools: HereTools, change: Partial<HereSettings> = {}, abort = new AbortController()) {
  const out: string[] = [];
  const errors: string[] = [];
  const settings = { quick: true, threads: null, folder, maxMedianPercent: null, json: false, ...change };
  const io = {
    write: (text: string) => void out.push(text),
    writeError: (text: string) => void errors.push(text),
    ...{ isTerminal: false, columns: 100, interrupted: abort.signal },
  };
  const code = await validateHere(tools, settings, io);
  return { code, stdout: out.join(""), stderr: errors.join("") };
}

describe("ridgepoint validate --here", () => {
  it("prints every field of its schema, in per cent, and closes the backend", async () => {
    const { tools, backend } = toolsOf();
    const { code, stdout, stderr } = await run(tools, { json: true });
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(hereOutputSchema.parse(printed)).toEqual(printed);
    expect(printed).toMatchObject({ machine: "Made-up", threads: 2, quick: true, otherProgramsPercent: 25 });
    expect(printed).toMatchObject({ disturbedRows: 0, skippedRows: 0, gate: null });
    expect(printed.kinds).toBeUndefined();
    expect(printed.steps.calibrated.steps.rows).toBe(4);
    expect(printed.kernels.calibrated.attention.medianAbsolutePercentageError).toBeLessThan(10);
    expect(stderr).toBe(`wrote ${printed.files.length} files to ${folder}\n`);
    expect(backend.closed.times).toBe(1);
  });

  it("writes tables that validate reads again with the profile beside them, and the same errors of the roofline", async () => {
    const { tools } = toolsOf();
    const printed = JSON.parse((await run(tools, { json: true })).stdout);
    const names = readdirSync(folder, { withFileTypes: true }).flatMap((each) => (each.isFile() ? [each.name] : []));
    expect(names.filter((name) => !name.startsWith(".")).sort()).toEqual([...printed.files].sort());
    parseHardwareProfile(JSON.parse(readFileSync(join(folder, "profile.json"), "utf8")));
    const tables = ["attention", "linear", "elementwise", "steps"].map((kind) => join(folder, `${kind}.csv`));
    const again = await runCommand(validate, [...tables, "--hardware", join(folder, "profile.json"), "--json"]);
    const { kinds } = JSON.parse(again.stdout);
    const { rows: _rows, ...steps } = printed.steps.roofline.steps;
    expect(kinds.steps).toMatchObject(steps);
    const text = readFileSync(join(folder, "attention.csv"), "utf8");
    for (const part of ["fitted", "held out"]) expect(text).toMatch(new RegExp(`,${part}$`, "m"));
    expect(readFileSync(join(folder, "steps.csv"), "utf8")).toMatch(/,predicted$/m);
  });

  it("writes a page with the verdict, the paper's point, the fit and all charts that it shows", async () => {
    const { tools } = toolsOf();
    await run(tools);
    const page = readFileSync(join(folder, "README.md"), "utf8");
    expect(page).toContain("# One machine: Made-up");
    expect(page).toContain("Other programs used 25 % of the processors meanwhile.");
    expect(page).toContain(`\nridgepoint validate --here --quick --out ${folder}\n`);
    const again = join(folder, ".again", "it's");
    await run(tools, { quick: false, threads: 1, maxMedianPercent: 90, folder: again });
    const other = readFileSync(join(again, "README.md"), "utf8");
    const quoted = `'${again.replace("'", "'\\''")}'`;
    expect(other).toContain(`\nridgepoint validate --here --threads 1 --max-median 90 --out ${quoted}\n`);
    rmSync(join(folder, ".again"), { recursive: true });
    for (const [, file] of page.matchAll(/(?:src|srcset)="([^"]+)"|\]\(([^)]+)\)/g)) {
      if (file !== undefined) expect(readdirSync(folder)).toContain(file);
    }
    expect(page).toMatch(/\| tiny, MHA \| 1024 to 8192 \|/);
    expect(page).toMatch(/\| linear, one row, fp32 \|/);
  });

  it("prints the verdict as text: which claims are met, and both errors side by side", async () => {
    const { stdout } = await run(toolsOf().tools);
    expect(stdout).toMatch(/^Made-up, wasm, 2 threads, 2026-11-25: measured in .*; other programs used 25 %/);
    expect(stdout).toMatch(/whole steps, median error +\d+\.\d % +8 % +/);
    expect(stdout).toMatch(/^steps, calibrated +4 /m);
    expect(stdout).toMatch(/^steps, roofline +4 /m);
  });

  it("exits 1 where steps miss the gate and names what missed it, 0 where all are within", async () => {
    const missed = await run(toolsOf(2).tools, { maxMedianPercent: 20, json: true });
    expect(missed.code).toBe(1);
    expect(missed.stderr).toContain("gate missed: the median error of steps is more than 20 %\n");
    expect(missed.stderr).toContain("gate missed: the fit's median error of whole steps is more than 75 %");
    const printed = JSON.parse(missed.stdout);
    expect(printed.gate).toEqual({ maxMedianPercent: 20, missed: ["steps", "fit"], skipped: null });
    expect(printed.passed).toBe(false);
    expect((await run(toolsOf().tools, { maxMedianPercent: 30 })).code).toBe(0);
  });

  it("takes nothing of a held-out kernel into ceilings and fit", async () => {
    const read = () => readFileSync(join(folder, "profile.json"), "utf8");
    const fits = (): Record<string, number>[] => JSON.parse(readFileSync(join(folder, "fit.json"), "utf8"));
    await run(toolsOf().tools);
    const held = readFileSync(join(folder, "linear.csv"), "utf8")
      .split("\n")
      .find((line) => line.endsWith("held out"));
    const [before, fitsBefore] = [read(), fits()];
    const heldOutputs = Number(held?.split(",")[8]);
    expect(grid.kernels.map(({ shape }) => (shape.kind === "linear" ? shape.n : 0))).toContain(heldOutputs);
    const fast: FakeSettings["seconds"] = (n, work) => {
      const usual = secondsOf(1)(n, work);
      return work.kind === "linear" && work.outFeatures === heldOutputs ? usual / 3 : usual;
    };
    await run(toolsOf(1, { seconds: fast }).tools);
    expect(readFileSync(join(folder, "linear.csv"), "utf8")).not.toContain(held);
    expect(read()).toBe(before);
    // The clock's ticks fall elsewhere: no more than that.
    for (const [i, fit] of fits().entries()) {
      for (const name of ["startSeconds", "bandwidthEfficiency", "computeEfficiency", "kneeSharpness"]) {
        expect(fit[name]! / fitsBefore[i]![name]!).toBeCloseTo(1, 2);
      }
    }
  });

  it("says in the page's heading by how much MHA's and MQA's steps grew on this clock", async () => {
    await run(toolsOf().tools);
    const rows = readFileSync(join(folder, "steps.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    const [header, ...steps] = rows as [string[], ...string[][]];
    const cell = (row: readonly string[], column: string): number => Number(row[header.indexOf(column)]);
    const growth = (kvHeads: number): number => {
      const [first, last] = steps.filter((row) => cell(row, "kv_heads") === kvHeads) as [string[], string[]];
      return (cell(last, "step_ms") - cell(first, "step_ms")) / (cell(last, "context") - cell(first, "context"));
    };
    const page = readFileSync(join(folder, "README.md"), "utf8");
    const said = /MHA's step grows by ([\d.]+) µs for each 1,000 tokens, MQA's by ([\d.]+) µs \(tiny\)/.exec(page);
    expect(Number(said?.[1])).toBeCloseTo(1e6 * growth(4), 0);
    expect(Number(said?.[2])).toBeCloseTo(1e6 * growth(1), 0);
  });

  it("says how many rows were skipped", async () => {
    const refuse: FakeSettings["prepare"] = (work) =>
      work.kind === "linear" && work.outFeatures === 8192 ? { refused: true, reason: "too large" } : null;
    const { stdout } = await run(toolsOf(1, { prepare: refuse }).tools, { json: true });
    expect(JSON.parse(stdout).skippedRows).toBe(1);
    expect(readFileSync(join(folder, "linear.csv"), "utf8")).toContain("skipped:too large");
  });
});

describe("what --here refuses", () => {
  it("more threads than there are", async () => {
    await expect(run(toolsOf().tools, { threads: 3 })).rejects.toThrow("invalid threads: 3 (this process may use 2)");
  });

  it("a folder that cannot be made, before anything is measured", async () => {
    const file = join(folder, ".a-file");
    writeFileSync(file, "");
    const { tools, backend } = toolsOf();
    await expect(run(tools, { folder: join(file, "below") })).rejects.toThrow("cannot make the folder");
    expect(backend.prepared).toEqual([]);
  });

  it("a backend that cannot run, and one whose kernel fails, with their reasons", async () => {
    const { tools, backend } = toolsOf();
    const unavailable = { ...backend, availability: async () => ({ available: false as const, reason: "no threads" }) };
    await expect(run({ ...tools, backend: async () => unavailable })).rejects.toThrow(
      "cannot measure this machine: no threads",
    );
    const fails: FakeSettings["prepare"] = (work) => {
      if (work.kind === "decode-step") throw new Error("out of memory");
      return null;
    };
    const failing = toolsOf(1, { prepare: fails });
    await expect(run(failing.tools)).rejects.toThrow(
      /cannot measure this machine: wasm, 2 threads: step of tiny .*: out of memory/,
    );
    expect(failing.backend.closed.times).toBe(1);
  });

  it("to go on after an interruption: exit code 130, one line, and no folder that it made", async () => {
    const abort = new AbortController();
    abort.abort();
    const stderr = "interrupted: nothing was written\n";
    const made = join(folder, "made", "for-it");
    expect(await run(toolsOf().tools, { folder: made }, abort)).toEqual({ code: 130, stdout: "", stderr });
    expect(existsSync(join(folder, "made"))).toBe(false);
  });

  it.each(["README.md", "profile.json", "attention.csv", "mountain.light.svg"])(
    "to write over a %s that is no earlier report's, before anything is measured",
    async (name) => {
      const other = mkdtempSync(join(folder, "other-"));
      writeFileSync(join(other, name), "# Mine\n");
      const { tools, backend } = toolsOf();
      await expect(run(tools, { folder: other })).rejects.toThrow(
        `holds ${name} and no earlier report of --here; wants another folder`,
      );
      expect(readdirSync(other)).toEqual([name]);
      expect(readFileSync(join(other, name), "utf8")).toBe("# Mine\n");
      expect(backend.prepared).toEqual([]);
    },
  );

  it.each([
    [["--here", "steps.csv"], "invalid table: steps.csv"],
    [["--here", "--hardware", "h100-sxm"], "invalid hardware: h100-sxm"],
    [["--here", "--csv"], "invalid csv"],
    [["--here", "--worst", "0"], "invalid worst: 0 (does not go with --here)"],
    [["--here", "--timing", "bogus"], "invalid timing: bogus (does not go with --here)"],
    [["--here", "--out", ""], "invalid out"],
    [["--here", "--threads", "0"], "invalid threads: 0"],
    [["--here", "--max-median", "-1"], "invalid maxMedian"],
    [["--quick", "steps.csv", "--hardware", "h100-sxm"], "goes with --here alone"],
    [["--threads", "2", "steps.csv", "--hardware", "h100-sxm"], "goes with --here alone"],
    [["--hardware", "h100-sxm"], "measurement tables, or --here"],
    [["measurements/H100/steps.csv"], "wants the machine that was measured: --hardware ID"],
  ])("%j", async (words, message) => {
    await expect(runCommand(validate, words)).rejects.toThrow(message);
  });
});

describe("judgeThisMachine", () => {
  it("judges as the command does, hands over its charts, closes the backend and writes nothing", async () => {
    const { tools, backend } = toolsOf();
    const judged = await judgeThisMachine({}, tools);
    const { stdout } = await run(toolsOf().tools, { json: true });
    expect(judged.here.verdict).toEqual(JSON.parse(stdout).verdict);
    expect(judged.profile.memory.bandwidth).toHaveProperty("value");
    expect(judged.mountain.usermeta.chart).toBe("memory-mountain");
    expect(new Set(judged.steps.map(({ usermeta }) => usermeta.chart))).toEqual(new Set(["measured-by-context"]));
    expect(judged.measured.otherPrograms).toBe(0.25);
    expect(backend.closed.times).toBe(1);
  });

  it("refuses more threads than there are", async () => {
    await expect(judgeThisMachine({ threads: machine.usableThreads + 1 }, toolsOf().tools)).rejects.toThrow(
      /^invalid threads: /,
    );
  });
});
