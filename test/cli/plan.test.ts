import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plan } from "../../src/cli/commands/plan.ts";
import { type CommandRun, runCommand } from "../support/run-command.ts";
import { scratchFolder } from "../support/scratch-folder.ts";

const small = "--model llama-3.1-8b --rate 8/s --input 1000 --output 300 --requests 500";
/** Figures of the roofline alone, which no fit of a machine moves. */
const plain = `${small} --timing roofline --engine ideal`;

const run = async (line: string, columns = 100): Promise<CommandRun> =>
  await runCommand(plan, line.split(" ").filter(Boolean), columns);
// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives; schemas are held in plan-json.test.ts
const json = async (line: string): Promise<any> => JSON.parse((await run(`${line} --json`)).stdout);

const scratch = scratchFolder();
const { written } = scratch;

describe("ridgepoint plan", () => {
  it("answers how many of which, laid out how, at what cost, what binds and why the others lost", async () => {
    const words =
      "--model llama-3.1-70b --hardware h100-sxm,h200,mi300x --rate 8/s --input 1000 --output 300 --ttft 500ms --tpot 40ms --percentile 95";
    const { code, stdout } = await run(`${words} --requests 2000 --simulate 1`, 160);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Llama 3\.1 70B: 8 requests\/s, prompt 1000 tokens, answer 300 tokens; p95 TTFT 500 ms, TPOT 40\.0 ms\n/,
    );
    expect(stdout).toMatch(
      /\n.*\d+ × \(TP \d.*\) .*on (h100-sxm|h200|mi300x): \d+ devices? in \d+ nodes?, [\d.]+ USD\/h, [\d.]+ USD a million tokens\n/,
    );
    for (const part of ["weights", "cache", "free for caches", "activations", "runtime"]) {
      expect(stdout).toMatch(new RegExp(`Memory of a device, \\d+ GB: [^\\n]*${part}|\\n {20,}[^\\n]*${part}`));
    }
    expect(stdout).toMatch(/\n {2}simulated {2}TTFT [\d.]+ .?s, TPOT [\d.]+ ms/);
    expect(stdout).toMatch(/\nWhat binds: .+\n/);
    expect(stdout).toMatch(/\none step of relief/);
    expect(stdout).toMatch(/\nfleet .* why not\n.* best\n/);
    expect(stdout).toMatch(/% dearer/);
    expect(stdout).toMatch(/\nThe front, quicker against cheaper/);
    expect(stdout).toMatch(/\n {2}vllm serve llama-3\.1-70b \\\n/);
    expect(stdout).toContain("note: TPOT: time after the first token over the tokens after it, of each request; p95");
    const { best, candidates } = await json(`${words} --simulate 0`);
    expect(best.ttftSeconds).toBeLessThanOrEqual(0.5);
    expect(best.tpotSeconds).toBeLessThanOrEqual(0.04);
    expect(best.replicas * best.tp * best.pp + (best.prefill?.devices ?? 0)).toBe(best.devices);
    for (const { costPerHour } of candidates) expect(costPerHour).toBeGreaterThanOrEqual(best.costPerHour);
  });

  it("prints the plan that is kept, on a terminal of 100 columns", async () => {
    const { code, stdout } = await run(`${plain} --ttft 200ms --tpot 20ms --simulate 1`);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/plan.txt");
  });

  it("keeps tables and figures to 80 columns, leaves out what has no room and says so", async () => {
    const { stdout } = await run(`${plain} --hardware h100-sxm,l40s --tpot 20ms --what-if kv-heads=1 --simulate 1`, 80);
    const prose =
      /^(note: |Published quality| {2}.*: (MQA|GQA|int8).* against | {2}MQA|What binds|Looked at|Llama|.*USD a million tokens$)/;
    for (const line of stdout.split("\n")) if (!prose.test(line)) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/\nno room for .* \(--json has them\)\n/);
    // The reasons stand below the table then.
    expect(stdout).toMatch(/\n {2}.* on h100-sxm.*: .*(best|dearer|devices? against)/);
  });

  it("says with exit code 3 what came nearest and what would make it fit", async () => {
    const { code, stdout } = await run(`${small} --tpot 1ms`);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /\nnothing fits\. Nearest: TP .* on h100-sxm: TPOT [\d.]+ ms for a request alone \(p95\), objective 1\.00 ms\n/,
    );
    const fix = /\n {2}fits with --tpot ([\d.]+ms): /.exec(stdout)?.[1];
    expect(fix).toBeDefined();
    expect((await run(`${small} --simulate 0 --tpot ${fix}`)).code).toBe(0);
  });

  it("says the same on stderr where rows of CSV are wanted, and that there is no chart", async () => {
    const path = join(scratch.path(), "none.svg");
    const { code, stdout, stderr } = await run(`${small} --tpot 1ms --csv --chart ${path}`);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^nothing fits\. Nearest: .*\n {2}fits with /);
    expect(stderr).toMatch(/no chart: nothing fits\n$/);
    expect(() => readFileSync(path)).toThrow("ENOENT");
  });

  it("says that nothing helps where nothing does, and what a limit of the fleet forbids", async () => {
    const hopeless = await run(`${small} --model llama-3.1-405b --hardware t4 --simulate 0`);
    expect(hopeless.code).toBe(3);
    expect(hopeless.stdout).toContain("no single change helps");
    const { code, stdout } = await run(`${small} --power 50W`);
    expect(code).toBe(3);
    expect(stdout).toContain("draws up to 0.700 kW, at most 0.0500 kW");
    expect(stdout).toContain("fits with no limit of devices, power and cost");
  });

  it("takes a file, and options over it", async () => {
    const file = written(
      "plan.yaml",
      "model: llama-3.1-8b\nworkload: {rate: 8/s, input: 1000, output: 300}\nobjectives: {tpot: 30ms}\n" +
        "candidates: {hardware: h200, tensorParallel: 2}\nprices: {h200: 3}\nsimulate: {best: 0}\n",
    );
    const asked = await json(`--file ${file}`);
    expect(asked.best).toMatchObject({ hardware: "h200", tp: 2, costPerHour: 6, simulated: null });
    expect(asked.objectives).toMatchObject({ tpotSeconds: 0.03, ttftSeconds: null });
    const over = await json(
      `--file ${file} --rate 9/s --hardware h100-sxm --price h100-sxm=2 --tensor-parallel 4 --ttft 1s`,
    );
    expect(over.best).toMatchObject({ hardware: "h100-sxm", tp: 4, costPerHour: 8 });
    expect(over.workload.ratePerSecond).toBe(9);
    expect(over.objectives).toMatchObject({ tpotSeconds: 0.03, ttftSeconds: 1 });
  });

  it("prints a row of CSV a candidate, all with the same columns, whether prompts are computed apart or not", async () => {
    const { stdout } = await run(`${small} --csv --simulate 0`);
    const [header = "", ...lines] = stdout.trimEnd().split("\n");
    const columns = header.split(",");
    for (const name of [
      "fleet",
      "prefill_replicas",
      "prefill_transferSeconds",
      "ttftInterval_low",
      "memory_capacityBytes",
    ]) {
      expect(columns).toContain(name);
    }
    const { candidates } = await json(`${small} --simulate 0`);
    expect(lines).toHaveLength(candidates.length);
    expect(candidates.some(({ prefill }: { prefill: unknown }) => prefill !== null)).toBe(true);
    const separated = lines.find((line) => line.includes("prefill"))!.split(",");
    expect(Number(separated[columns.indexOf("prefill_replicas")])).toBeGreaterThan(0);
  });

  it("gives the same for the same seed and another run for another", async () => {
    const of = (seed: number): Promise<string> =>
      run(`${small} --json --simulate 1 --seed ${seed}`).then((each) => each.stdout);
    const [one, again, other] = [await of(1), await of(1), await of(2)];
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    const [a, b] = [JSON.parse(one).best, JSON.parse(other).best];
    expect(b.tpotSeconds).toBe(a.tpotSeconds);
    expect(b.simulated.tpotSeconds.mean).not.toBe(a.simulated.tpotSeconds.mean);
  });

  it.each([
    ["cost", "svg", /^<svg/],
    ["throughput", "vl.json", /"\$schema"/],
    ["memory", "html", /^<!doctype html>/i],
    ["cost", "png", /^.PNG/s],
    ["timeline", "svg", /^<svg/],
    ["latency", "svg", /^<svg/],
  ])("draws %s into a .%s", async (kind, ending, start) => {
    const path = join(scratch.path(), `${kind}.${ending}`);
    const { code } = await run(`${small} --simulate 1 --chart ${path} --chart-kind ${kind}`);
    expect(code).toBe(0);
    expect(readFileSync(path, "latin1")).toMatch(start);
  });

  it("says that there is no chart of a simulation where there was none", async () => {
    const path = join(scratch.path(), "no-run.svg");
    const { code, stderr } = await run(`${small} --simulate 0 --chart ${path} --chart-kind latency`);
    expect([code, stderr]).toEqual([0, "no chart: not simulated\n"]);
  });

  it("puts what a change would need beside the plan, with at most three published figures of quality each", async () => {
    const words = `${small} --model llama-2-7b --tensor-parallel 1 --what-if kv-heads=1 --what-if kv-cache=int8 --simulate 0`;
    const { stdout } = await run(words, 160);
    expect(stdout).toMatch(/\nwhat if +fleet .*cache a request\nas it is .*\nMQA \(1 K\/V head\) .*\nint8 cache /);
    expect(stdout.match(/ {2}MQA \(1 K\/V head\): MQA against /g)).toHaveLength(3);
    expect(stdout).toMatch(/ {2}MQA \(1 K\/V head\): \d+ more \(--json has all\)\n/);
    const { whatIf } = await json(words);
    const [asIs, mqa, int8] = whatIf;
    // 32 K/V heads become one; 16 bits become 8 (and a scale for each head and token).
    expect(asIs.requestCacheBytes / mqa.requestCacheBytes).toBeCloseTo(32, 0);
    expect(asIs.requestCacheBytes / int8.requestCacheBytes).toBeGreaterThan(1.9);
    expect(mqa.devices).toBeLessThanOrEqual(asIs.devices);
    expect(mqa.quality.length).toBeGreaterThan(3);
  });

  it("says what a change needs where the model as it is does not fit", async () => {
    const { whatIf } = await json(
      `${small} --model llama-3.1-70b --rate 0.2/s --devices 1 --what-if weights=int4 --simulate 0`,
    );
    expect(whatIf[0]).toMatchObject({ label: "as it is", fleet: null, devices: null });
    expect(whatIf[1].devices).toBe(1);
    const { code, stdout } = await run(
      `${small} --model llama-3.1-70b --rate 0.2/s --devices 1 --what-if weights=int4 --simulate 0`,
    );
    expect(code).toBe(3);
    expect(stdout).toMatch(/\nas it is +nothing fits/);
  });

  it("prints how drafts are taken for granted, and is quicker with them", async () => {
    const without = await json(`${small} --simulate 0 --tensor-parallel 1`);
    const drafted = await json(`${small} --simulate 0 --tensor-parallel 1 --speculative 3:0.7`);
    expect(drafted.assumptions.join("\n")).toContain(
      "3 tokens a step are drafted by a head of one layer, each right with probability 0.7 whatever the ones before",
    );
    expect(drafted.best.meanTpotSeconds).toBeLessThan(without.best.meanTpotSeconds);
  });

  it("plans for users, and never computes their prompts apart", async () => {
    const { workload, best, candidates } = await json(
      `--model llama-3.1-8b --users 64 --input 1000 --output 300 --simulate 0`,
    );
    expect(workload).toMatchObject({ users: 64, ratePerSecond: null });
    expect(best.batch).toBeLessThanOrEqual(64);
    for (const { prefill } of candidates) expect(prefill).toBeNull();
  });

  it("plans for a trace, notes its pause, and scales it to a rate", async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i < 200 ? i : i + 700},${500 + (i % 7)},${50 + (i % 5)}`);
    const path = written("pause.csv", `arrival,input,output\n${rows.join("\n")}\n`);
    const { notes } = await json(
      `--model llama-3.1-8b --trace ${path} --devices 1 --separate-prefill never --simulate 0`,
    );
    expect(notes.join("\n")).toMatch(
      /no request for \d+ s after request 200, 199 s into the trace; the mean rate counts them too/,
    );
    const { workload } = await json(
      `--model llama-3.1-8b --trace ${path} --rate 5/s --devices 1 --separate-prefill never --simulate 0`,
    );
    expect(workload.ratePerSecond).toBe(5);
    expect(workload.input.mean).toBeCloseTo(502.9925, 9);
  });

  it("does not simulate fleets that no memory holds, and says so", async () => {
    const { best, notes } = await json("--model llama-3.1-8b --rate 1e6/s --input 1000 --output 300");
    expect(best.replicas).toBeGreaterThan(10_000);
    expect(best.simulated).toBeNull();
    expect(notes.join("\n")).toContain("not simulated: more than 10,000 replicas or 1,000,000 users");
    const users = await json("--model llama-3.1-8b --users 2e6 --input 1000 --output 300");
    expect(users.notes.join("\n")).toContain("not simulated");
  });

  it("counts what is owned as paid, and ranks by devices where nothing has a price", async () => {
    const owned = await json(`${small} --owned h200=4 --simulate 0`);
    expect(owned.best).toMatchObject({ hardware: "h200", costPerHour: 0 });
    const { best, paretoFront, throughputFront } = await json(`${small} --hardware mi210 --simulate 0`);
    expect([best.costPerHour, paretoFront.length]).toEqual([null, 0]);
    expect(throughputFront.length).toBeGreaterThan(0);
  });

  it("gives the arguments of the engine that was planned, of all with --verbose, and the other definitions of TPOT", async () => {
    const brief = await run(`${small} --simulate 0 --engine sglang`);
    expect(brief.stdout).toContain("\nsglang, with the checkpoint's name in the place of llama-3.1-8b:\n");
    expect(brief.stdout).not.toContain("vllm serve");
    const verbose = await run(`${small} --simulate 0 --engine sglang --verbose --tensor-parallel 1,3`);
    for (const engine of ["vllm", "trt-llm", "sglang"]) expect(verbose.stdout).toContain(`\n${engine}, with `);
    expect(verbose.stdout).toContain("note: elsewhere: ");
    expect(verbose.stdout).toMatch(/\nh100-sxm +TP 3 PP 1 EP 1 .*must divide heads 32/);
  });
});

describe("ridgepoint plan refuses", () => {
  const lengths = "--model llama-3.1-8b --input 1000 --output 300";
  const rate = 'wants a rate above 0 such as "8/s", "500/min" or "2/h"';
  it.each([
    [`${small} --ttft 2s --end-to-end 1s`, "invalid endToEnd: 1 (contradicts ttft 2 s: the first token is part of it)"],
    [`${small} --tpot 2s --end-to-end 1s`, "invalid endToEnd: 1 (contradicts tpot 2 s: one token takes longer)"],
    [`${small} --users 5`, "invalid users: 5 (contradicts rate 8/s: users send when they have their answers)"],
    [`${lengths} --rate 0`, `invalid rate: 0 (${rate})`],
    [`${lengths} --rate=-1`, `invalid rate: -1 (${rate})`],
    [`${lengths} --rate NaN`, `invalid rate: NaN (${rate})`],
    [`${lengths} --rate 1e400`, `invalid rate: 1e400 (${rate})`],
    [`${lengths} --rate fast`, `invalid rate: fast (${rate})`],
    [`${lengths} --rate 1e300`, "invalid rate: 1e300 (wants at most 1e9 requests/s)"],
    [`${lengths} --users 0`, "invalid users: 0 (wants a positive whole number"],
    [`${lengths} --users 5 --burstiness 2`, "invalid burstiness: 2 (contradicts users"],
    [`${lengths} --users 5 --separate-prefill always`, "invalid separatePrefill: always (contradicts users"],
    [lengths, "invalid workload: no requests (wants rate, users or trace)"],
    [`${small} --output 1`, "invalid output: 1 token (wants answers of two tokens and more"],
    ["--model llama-3.1-8b --rate 8/s --output 300", "invalid input: missing (wants tokens such as 1000"],
    ["--rate 8/s --input 100 --output 300", "invalid model: missing (wants a model's name, or config with a file)"],
    [
      `${small} --price h100-sxm=0`,
      'invalid prices.h100-sxm: 0 (wants US dollars an hour, more than zero, such as 2.5 or "2.5 USD/h")',
    ],
    [`${small} --price h100-sxm=-2`, "invalid prices.h100-sxm: -2 (wants US dollars an hour, more than zero"],
    [`${small} --price h200=2`, "invalid prices: h200 (is no candidate; --hardware has h100-sxm)"],
    [`${small} --hardware h100-sxm --owned h200=2`, "invalid owned: h200 (is no candidate; --hardware has h100-sxm)"],
    [`${small} --cost-per-hour 0`, "invalid costPerHour: 0 (wants US dollars an hour, more than zero"],
    [`${small} --percentile 100`, "invalid percentile: 100 (wants 50 to 99.9)"],
    [`${small} --percentile 49`, "invalid percentile: 49 (wants 50 to 99.9)"],
    [`${small} --ttft 0`, 'invalid ttft: 0 (wants a time such as "90s", "2min" or "500ms")'],
    [`${small} --model llama-3.1-7b`, "invalid model: llama-3.1-7b (did you mean llama-3.1-70b?"],
    [`${small} --model flan-t5-xl`, "invalid model: flan-t5-xl (has an encoder: decoders alone are planned)"],
    [`${small} --hardware h101-sxm`, "invalid hardware: h101-sxm (did you mean h100-sxm?"],
    [`${small} --hardware ,`, "invalid hardware: , (wants a name at least)"],
    [`${small} --engine vlm`, "did you mean vllm?)"],
    [
      `${small} --engine pytorch-eager`,
      "invalid engine: pytorch-eager (wants software that serves: vllm, trt-llm, sglang, llama.cpp or ideal)",
    ],
    [`${small} --weights fp9`, "invalid weights: fp9 (wants fp32, bf16"],
    [
      `${small} --model llama-2-7b --input 5000`,
      "invalid input: 5000 tokens (with the answer 5300 tokens, past the 4096 of llama-2-7b's context)",
    ],
    [`${small} --what-if kv-head=1`, "invalid whatIf: kv-head=1 (did you mean kv-heads?)"],
    [`${small} --what-if kv-heads=5`, "invalid whatIf: kv-heads=5 (K/V heads must divide heads 32)"],
    [`${small} --simulate -1`, "invalid simulate.best: -1 (wants a whole number, 0 or more)"],
    [
      `${small} --chart plan.gif`,
      "invalid chart: plan.gif (wants a file that ends with .svg, .png, .html or .vl.json)",
    ],
    [`${small} --chart-kind pie`, "invalid chartKind: pie (wants cost, throughput, memory"],
    [`${small} --json --csv`, "invalid csv: --csv (--json or --csv, not both)"],
    ["--file /no/such.yaml", "invalid file: /no/such.yaml (no such file)"],
    ["--model llama-3.1-8b --trace /no/such.csv", "/no/such.csv (no such file)"],
    [`${small} --hardware h100-sxm,h200 --ceilings c.json`, "invalid ceilings: c.json (one --hardware with it"],
  ])("%s", async (line, message) => {
    await expect(run(line)).rejects.toThrow(message);
  });

  it.each([
    [
      "candidates: {tensorParalel: 2}",
      "candidates.tensorParalel: 2 (plan file has no such key; did you mean tensorParallel?)",
    ],
    ["worklod: {rate: 8}", "worklod"],
    ["prices: {h100-sxm: 0}", "invalid prices.h100-sxm: 0 (wants US dollars an hour, more than zero"],
    ["objectives: {percentile: 100}", "invalid percentile: 100 (wants 50 to 99.9)"],
    ["simulate: {best: -1}", "simulate.best: -1"],
    ["model: [", "line "],
  ])("a file with %s", async (text, message) => {
    const path = written("bad.yaml", `${text}\n`);
    await expect(run(`${small} --file ${path}`)).rejects.toThrow(message);
  });
});
