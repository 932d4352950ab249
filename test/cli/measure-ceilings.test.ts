import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { CommandIo } from "../../src/cli/command.ts";
import { hardware } from "../../src/cli/commands/hardware.ts";
import { measureCeilingsWith } from "../../src/cli/commands/measure-ceilings.ts";
import { step } from "../../src/cli/commands/step.ts";
import { publishedSchemas } from "../../src/cli/published-schemas.ts";
import { applyCeilingsFile } from "../../src/files/load-ceilings.ts";
import type { Availability } from "../../src/kernels/kernel.ts";
import { hardwareProfile } from "../fixtures/profiles.ts";
import {
  describedMachine,
  type FakeMachine,
  fakeMachineBackend,
  fakeMachineClock,
  fourLevels,
} from "../measurement/fake-machine.ts";
import { runCommand } from "../support/run-command.ts";
import { notBuilt, runProgram } from "../support/run-program.ts";

const folder = await mkdtemp(join(tmpdir(), "ceilings-"));
afterAll(() => rm(folder, { recursive: true }));
const text = (name: string): Promise<string> => readFile(join(folder, name), "utf8");

interface Fakes {
  /** The machine on so many threads. */
  readonly machine?: (threads: number) => Partial<FakeMachine>;
  readonly availability?: Availability;
  /** The share of the processors that others use. */
  readonly otherPrograms?: number;
}

function tools({ machine = () => ({}), availability, otherPrograms = 0.02 }: Fakes = {}) {
  const clock = fakeMachineClock();
  const backends: ReturnType<typeof fakeMachineBackend>[] = [];
  const command = measureCeilingsWith({
    backend: async (name, threads) => {
      const fake = fakeMachineBackend({ ...fourLevels, ...machine(threads) }, threads, clock);
      const backend = {
        ...fake,
        name,
        ...(availability === undefined ? {} : { availability: async () => availability }),
      };
      backends.push(backend);
      return backend;
    },
    clock: () => clock,
    machine: async (adapter) => describedMachine({ adapter }),
    otherPrograms: () => () => otherPrograms,
  });
  return { command, backends };
}

describe("measure ceilings", () => {
  it("prints the levels on one and on all threads and writes profile, points and chart", async () => {
    const { command, backends } = tools();
    const out = join(folder, "fake.json");
    const { code, stdout, stderr } = await runCommand(command, ["--quick", "--out", out]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/measure-ceilings.txt");
    expect(stderr).toBe(`wrote ${out}, ${join(folder, "fake-mountain.svg")}, ${join(folder, "fake-mountain.csv")}\n`);
    expect(backends.map(({ closed }) => closed.times)).toEqual([1, 1]);
    const csv = (await text("fake-mountain.csv")).split("\n");
    expect(csv[0]).toBe(
      "stream,threads,working_set_bytes,bytes_per_s,least_bytes_per_s,largest_bytes_per_s,mad_bytes_per_s,samples",
    );
    expect(csv.length).toBe(2 + 2 * (15 + 3 * 8));
    expect(await text("fake-mountain.svg")).toContain("Memory of Made Up 1000");
  });

  it("says what other programs used, in text, JSON and the profile, and warns above a tenth", async () => {
    const out = join(folder, "busy.json");
    const { command } = tools({ otherPrograms: 0.4 });
    const { stdout } = await runCommand(command, ["--quick", "--out", out, "--json"]);
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({ otherProgramsPercent: 40 });
    expect(printed.notes).toContain(
      "other programs used 40 % of the processors meanwhile: measure again while nothing else runs",
    );
    expect(JSON.parse(await text("busy.json")).note).toMatch(/; other programs used 40 % of the processors meanwhile$/);
  });

  it("writes a profile that other commands take", async () => {
    const { command } = tools();
    const out = join(folder, "taken.json");
    await runCommand(command, ["--quick", "--threads", "1", "--out", out]);
    expect((await runCommand(hardware, ["--check", out])).code).toBe(0);
    const words = ["--model", "smollm2-135m", "--hardware", out, "--activations", "fp32", "--json"];
    const printed = JSON.parse((await runCommand(step, words)).stdout);
    expect(printed).toMatchObject({ hardware: "made-up-1000-1-thread", fits: true, memoryLevel: "memory" });
    const { weightBytes, kvBytes, activationBytes } = printed.totals;
    const seconds = (weightBytes + kvBytes) / 8e9 + activationBytes / 20e9;
    expect(Math.abs(printed.lowerBoundSeconds / seconds - 1)).toBeLessThan(0.015);
  });

  it("says on how many threads the profile is", async () => {
    const { stdout } = await runCommand(tools().command, [
      "--quick",
      "--threads",
      "1",
      "--out",
      join(folder, "one.json"),
    ]);
    expect(stdout).toMatch(/^Made Up 1000, 1 thread, wasm, /);
  });

  it("writes one that --ceilings takes: bandwidth, peaks, caches and start in a datasheet's place", async () => {
    const { command } = tools();
    const out = join(folder, "ceilings.json");
    await runCommand(command, ["--quick", "--out", out]);
    const machine = await applyCeilingsFile(hardwareProfile("h100-sxm"), out);
    expect(machine).toMatchObject({ id: "h100-sxm", basis: "measured", memoryCapacityBytes: 24e9 });
    expect(machine.caches.map(({ name }) => name)).toEqual(["L1", "L2", "L3"]);
    expect(machine.kernelStartSeconds).toBeCloseTo(1e-6, 8);
  });

  it("prints JSON that its schema describes in full, and CSV", async () => {
    const { command } = tools({
      machine: () => ({ refuse: (work) => (work.kind === "empty" ? "starts nothing" : null) }),
    });
    const out = join(folder, "json.json");
    const { stdout } = await runCommand(command, ["--quick", "--out", out, "--json"]);
    const printed = JSON.parse(stdout);
    expect(publishedSchemas["measure-ceilings"]?.parse(printed)).toEqual(printed);
    expect(printed.refused).toEqual([
      "an empty kernel on 1 thread: starts nothing",
      "an empty kernel on 2 threads: starts nothing",
    ]);
    const csv = await runCommand(command, ["--quick", "--out", out, "--csv"]);
    expect(csv.stdout).toBe(await text("json-mountain.csv"));
    const table = await runCommand(command, ["--quick", "--out", out]);
    expect(table.stdout).toContain("left out: an empty kernel on 1 thread: starts nothing");
  });

  it("of webgpu takes the adapter's name, and none of the processor's caches unless the processor plays the GPU", async () => {
    for (const description of ["Fast Graphics 9", "SwiftShader"]) {
      const { command } = tools({ availability: { available: true, description } });
      const out = join(folder, `${description.replaceAll(" ", "-")}.json`);
      const { stdout } = await runCommand(command, ["--quick", "--backend", "webgpu", "--out", out, "--json"]);
      const printed = JSON.parse(stdout);
      expect(printed.machine.adapter).toBe(description);
      const table = await runCommand(command, ["--quick", "--backend", "webgpu", "--out", out]);
      expect(table.stdout).toMatch(new RegExp(`^Made Up 1000, ${description}, webgpu, `));
      expect(table.stdout).not.toContain("thread");
      expect(printed.machine.caches).toEqual(description === "SwiftShader" ? describedMachine().caches : []);
      expect(printed.levels.map(({ threads }: { threads: number }) => threads)).toEqual([1]);
      expect(printed.multiplyAdds.map(({ format }: { format: string }) => format)).toEqual([
        "f32",
        "f16",
        "bf16",
        "int8",
      ]);
    }
  });

  it("says where threads or memory are not what they should be: something else runs", async () => {
    const run = async (machine: Fakes["machine"]): Promise<string> => {
      const { command } = tools(machine === undefined ? {} : { machine });
      return (await runCommand(command, ["--quick", "--out", join(folder, "busy.json")])).stdout;
    };
    expect(await run(undefined)).not.toContain("note:");
    const shared = (threads: number) => ({ flopsPerSecond: 40e9 / threads });
    expect(await run(shared)).toMatch(/note: 2 threads multiply 1\.0 times as fast as one: something else runs here/);
    const last = { bytes: 2 ** 27, bytesPerSecond: 16e9 };
    const sloping = { levels: [...fourLevels.levels.slice(0, 3), last, fourLevels.levels[3]!] };
    expect(await run(() => sloping)).toMatch(/note: reads from memory on 1 thread differ from .* to .*: measure again/);
  });

  it("refuses bad options before it measures", async () => {
    const { command, backends } = tools();
    const fails = (words: string[], message: string | RegExp) =>
      expect(runCommand(command, words)).rejects.toThrow(message);
    await fails(["--threads", "3"], "invalid threads: 3 (this process may use 2)");
    await fails(["--threads", "0"], "invalid threads");
    await fails(["--backend", "reference"], "invalid backend: reference (wants wasm or webgpu)");
    await fails(["--theme", "blue"], "invalid theme");
    expect(backends).toEqual([]);
    await fails(["--out", join(folder, "profile.txt")], /wants a file that ends with \.json/);
    const other = join(folder, "package.json");
    await writeFile(other, "{}");
    await fails(["--out", other], /is there and is no measured profile; wants another name/);
    expect(await text("package.json")).toBe("{}");
    expect(backends.every(({ closed }) => closed.times === 1)).toBe(true);
  });

  it.each([
    ["mine-mountain.csv", "my,notes\n1,2\n"],
    ["mine-mountain.svg", "<svg><text>mine</text></svg>"],
  ])("leaves a %s that it did not write, before it measures", async (name, content) => {
    const onRun = vi.fn();
    const { command } = tools({ machine: () => ({ onRun }) });
    await writeFile(join(folder, name), content);
    const run = runCommand(command, ["--quick", "--out", join(folder, "mine.json")]);
    await expect(run).rejects.toThrow(`${join(folder, name)} is there and was not written beside a profile`);
    expect(await text(name)).toBe(content);
    await rm(join(folder, name));
    expect(onRun).not.toHaveBeenCalled();
  });

  it("says before it measures that the profile can't be written there", async () => {
    await writeFile(join(folder, "a-file"), "");
    const onRun = vi.fn();
    const { command } = tools({ machine: () => ({ onRun }) });
    const run = runCommand(command, ["--quick", "--out", join(folder, "a-file", "x.json")]);
    await expect(run).rejects.toThrow("cannot make the folder");
    expect(onRun).not.toHaveBeenCalled();
  });

  it("fails with one line where a kernel fails, nothing can be measured, or the backend isn't there", async () => {
    const run = async (fakes: Fakes): Promise<string> => {
      const { command, backends } = tools(fakes);
      const error = await runCommand(command, ["--quick", "--out", join(folder, "none.json")]).catch(
        (thrown) => thrown,
      );
      expect(backends.every(({ closed }) => closed.times === 1)).toBe(true);
      return (error as Error).message;
    };
    expect(await run({ machine: () => ({ failing: "stream" }) })).toBe("cannot measure the ceilings: the thread ended");
    expect(await run({ machine: () => ({ refuse: () => "no room" }) })).toMatch(
      /^cannot measure the ceilings: no read was measured on 2 threads: an empty kernel on 1 thread: no room$/,
    );
    expect(await run({ availability: { available: false, reason: "no adapter" } })).toBe(
      "cannot measure with wasm: no adapter",
    );
    await expect(text("none.json")).rejects.toThrow();
  });

  it("interrupted writes nothing and answers 130", async () => {
    const abort = new AbortController();
    const { command } = tools({ machine: () => ({ onRun: () => abort.abort() }) });
    const errors: string[] = [];
    const io: CommandIo = {
      write: () => undefined,
      writeError: (line) => void errors.push(line),
      isTerminal: false,
      columns: 100,
      interrupted: abort.signal,
    };
    expect(await command.run({ out: join(folder, "made-for-it", "stopped.json") }, [], io)).toBe(130);
    expect(errors).toEqual(["interrupted: nothing was written\n"]);
    expect(await readdir(folder)).not.toContain("made-for-it");
  });
});

describe.skipIf(notBuilt !== null)("the program", () => {
  it("measures this machine's processor and predicts with what it found", { timeout: 120_000 }, () => {
    const words = ["measure", "ceilings", "--quick", "--threads", "1", "--out", "here.json"];
    const measured = runProgram(words, folder);
    expect(measured.stderr).toBe("wrote here.json, here-mountain.svg, here-mountain.csv\n");
    expect(measured.code).toBe(0);
    const predicted = runProgram(["step", "--model", "smollm2-135m", "--hardware", "./here.json"], folder);
    expect(predicted).toMatchObject({ code: 0, stderr: "" });
    expect(predicted.stdout).toContain("1 thread (wasm, measured)");
  });
});
