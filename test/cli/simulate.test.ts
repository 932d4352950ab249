import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { simulate } from "../../src/cli/commands/simulate.ts";
import { type CommandRun, runCommand } from "../support/run-command.ts";
import { scratchFolder } from "../support/scratch-folder.ts";

const small = "--model llama-3.1-8b --rate 8/s --input 1000 --output 300 --requests 500";

const run = async (line: string, columns = 100): Promise<CommandRun> =>
  await runCommand(simulate, line.split(" ").filter(Boolean), columns);
// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives; the schema is held in simulate-json.test.ts
const json = async (line: string): Promise<any> => JSON.parse((await run(`${line} --json`)).stdout);

const scratch = scratchFolder();
const { written } = scratch;

describe("ridgepoint simulate", () => {
  it("prints times, requests, output, what is in the engine and in the cache, and what keeps the objectives", async () => {
    const { code, stdout } = await run(`${small} --ttft 2s --tpot 100ms`);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Llama 3\.1 8B on 1 × \(TP 1\) of H100 SXM5 80GB, vLLM.*: 8 requests\/s,\nprompt 1000 tokens, answer 300 tokens, seed 1\n/,
    );
    expect(stdout).toMatch(/\n +mean +p50 +p90 +p95 +p99 +max +p95, closed form\n/);
    for (const name of ["TTFT", "TPOT", "end to end", "waiting"]) expect(stdout).toMatch(new RegExp(`\\n${name} +\\d`));
    expect(stdout).toContain("\nrequests   500 arrived, 500 completed, 0 rejected, 0 pre-empted\n");
    expect(stdout).toMatch(/\noutput +[\d,.]+ tokens\/s, [\d.]+ requests\/s, over [\d.]+ s\n/);
    expect(stdout).toContain("\nobjectives 100.0 % of the requests keep them all\n");
    expect(stdout).toContain("note: TPOT: time after the first token over the tokens after it");
  });

  it("keeps to 80 columns, and shows the objectives' percentile once", async () => {
    const { stdout } = await run(`${small} --percentile 99`, 80);
    expect(stdout.match(/ p99/g)?.length).toBe(2);
    for (const line of stdout.split("\n"))
      if (!line.startsWith("note: ")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("says which objectives are missed, and that what comes too fast has no steady state", async () => {
    const { code, stdout } = await run(`${small} --rate 500/s --ttft 100ms --tpot 1ms --end-to-end 1s`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nobjectives [\d.]+ % of the requests keep them all; missed: TTFT, TPOT, end to end\n/);
    expect(stdout).toContain(
      "note: the closed form has no steady state: requests come faster than the fleet serves them\n",
    );
    expect(stdout).toMatch(/\nTTFT .* -\n/);
  });

  it("runs answers of one token, of which there is no closed form, and prints no wait as 0 s", async () => {
    const { stdout } = await run(`${small} --output 1 --rate 1/s`);
    expect(stdout).toMatch(/\nTPOT +0 s .* -\nend to end /);
    expect(stdout).toMatch(/\nwaiting +[\d.]+ .?s +0 s /);
    expect(stdout).toContain("note: the closed form is of answers of two tokens and more\n");
    expect((await json(`${small} --output 1`)).closedForm).toBeNull();
    expect((await json(`${small} --output 1..2`)).closedForm).not.toBeNull();
  });

  it("ends with 3 where the layout does not fit, and says what is missing", async () => {
    const { code, stdout, stderr } = await run(`${small} --model llama-3.1-70b`);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(
      /^does not fit: weights 141 GB and [\d.]+ GB that the engine keeps: a device has 85\.0 GB\n$/,
    );
  });

  it("gives the same for the same seed and another run for another", async () => {
    const of = async (seed: number): Promise<string> => (await run(`${small} --json --seed ${seed}`)).stdout;
    const [one, again, other] = [await of(1), await of(1), await of(2)];
    expect(again).toBe(one);
    expect(JSON.parse(other).ttftSeconds.mean).not.toBe(JSON.parse(one).ttftSeconds.mean);
  });

  it("shares the load between replicas and balances it as it is told", async () => {
    const [one, two] = [await json(small), await json(`${small} --replicas 2`)];
    expect(two).toMatchObject({ replicas: 2, devices: 2, fleet: "2 × (TP 1)" });
    expect(two.tpotSeconds.mean).toBeLessThan(one.tpotSeconds.mean);
    const turns = await json(`${small} --replicas 2 --balancer round-robin`);
    expect(turns.ttftSeconds.mean).not.toBe(two.ttftSeconds.mean);
    expect(turns.requests).toEqual(two.requests);
  });

  it("rejects what finds no place in the queue, and completes the rest", async () => {
    const { requests } = await json(`${small} --rate 500/s --queue-limit 10 --max-sequences 4`);
    expect(requests.rejected).toBeGreaterThan(0);
    expect(requests.completed + requests.rejected).toBe(500);
  });

  it("takes the layout of a file, and options over it", async () => {
    const file = written(
      "plan.yaml",
      "model: llama-3.1-8b\nworkload: {rate: 8/s, input: 1000, output: 300}\n" +
        "candidates: {hardware: h200, tensorParallel: 2, replicas: 3, separatePrefill: always}\nsimulate: {requests: 300, seed: 5}\n",
    );
    expect(await json(`--file ${file}`)).toMatchObject({
      ...{ hardware: "h200", tp: 2, replicas: 3, devices: 6, seed: 5 },
      requests: { arrived: 300 },
    });
    expect(await json(`--file ${file} --tensor-parallel 4 --replicas 1 --seed 6`)).toMatchObject({
      tp: 4,
      devices: 4,
      seed: 6,
    });
  });

  it("prints its series as CSV, whose output tokens are those of the run", async () => {
    const { stdout } = await run(`${small} --csv`);
    const [header, ...lines] = stdout.trimEnd().split("\n");
    expect(header).toBe("seconds,waiting,running,cacheShare,tokensPerSecond,preempted");
    const points = lines.map((line) => line.split(",").map(Number));
    let tokens = 0;
    let from = 0;
    for (const [seconds = 0, , , , rate = 0] of points) {
      tokens += rate * (seconds - from);
      from = seconds;
    }
    expect(tokens / (500 * 300)).toBeCloseTo(1, 6);
  });

  it.each([
    ["timeline", "svg", /^<svg/],
    ["latency", "vl.json", /"\$schema"/],
    ["timeline", "html", /^<!doctype html>/i],
    ["latency", "png", /^.PNG/s],
  ])("draws the %s into a .%s", async (kind, ending, start) => {
    const path = join(scratch.path(), `${kind}.${ending}`);
    expect((await run(`${small} --chart ${path} --chart-kind ${kind}`)).code).toBe(0);
    expect(readFileSync(path, "latin1")).toMatch(start);
  });

  it("gives users their next request when they are answered, spread or together", async () => {
    const users = "--model llama-3.1-8b --users 32 --input 1000 --output 300 --requests 400";
    const spread = await json(users);
    expect(spread.workload).toMatchObject({ users: 32, ratePerSecond: null });
    expect(spread.meanRunning + spread.meanWaiting).toBeLessThanOrEqual(32.0001);
    const together = await json(`${users} --start together`);
    expect(together.ttftSeconds.max).toBeGreaterThanOrEqual(spread.ttftSeconds.p50);
    expect(together.ttftSeconds.mean).not.toBe(spread.ttftSeconds.mean);
  });

  it("drafts quicken it, and a smaller step of prompts spares the others' tokens", async () => {
    const plain = await json(small);
    expect((await json(`${small} --speculative 3:0.7`)).tpotSeconds.mean).toBeLessThan(plain.tpotSeconds.mean);
    const chunked = await json(`${small} --step-tokens 256`);
    expect(chunked.ttftSeconds.mean).toBeGreaterThan(plain.ttftSeconds.mean);
  });
});

describe("ridgepoint simulate --trace", () => {
  const model = "--model llama-3.1-8b --trace";

  it("runs every request of it, sorts what clocks mixed up and notes a pause", async () => {
    const times = [
      ...Array.from({ length: 300 }, (_, i) => i),
      300.5,
      300.2,
      ...Array.from({ length: 200 }, (_, i) => 1200 + i),
    ];
    const path = written("day.csv", `arrival,input,output\n${times.map((time) => `${time},100,10`).join("\n")}\n`);
    const { requests, notes } = await json(`${model} ${path}`);
    expect(requests).toEqual({ arrived: 502, completed: 502, rejected: 0, preempted: 0 });
    expect(notes.join("\n")).toContain(
      "1 of 502 requests came before the one above them, by less than 1 s; they were sorted",
    );
    expect(notes.join("\n")).toMatch(/no request for 900 s after request 302/);
  });

  it("runs a million requests", async () => {
    const rows = Array.from({ length: 1_000_000 }, (_, i) => `${i / 50},${100 + (i % 50)},${5 + (i % 3)}`);
    const path = written("million.csv", `arrival,input,output\n${rows.join("\n")}\n`);
    const { requests } = await json(`${model} ${path}`);
    expect(requests).toMatchObject({ arrived: 1_000_000, completed: 1_000_000 });
  });

  it("scales it to a rate: twice as quick in half of the time", async () => {
    const path = written(
      "calm.csv",
      `arrival,input,output\n${Array.from({ length: 101 }, (_, i) => `${10 * i},100,10`).join("\n")}\n`,
    );
    const [as, twice] = [await json(`${model} ${path}`), await json(`${model} ${path} --rate 0.2/s`)];
    expect(as.workload.ratePerSecond).toBeCloseTo(0.1, 12);
    expect(twice.durationSeconds / as.durationSeconds).toBeCloseTo(0.5, 2);
  });

  it("rejects the request that is longer than the context, as an engine would", async () => {
    const path = written("long.csv", "arrival,input,output\n0,100,10\n1,200000,10\n2,100,10\n");
    const { requests } = await json(
      `--model llama-2-7b --trace ${written("l.csv", "arrival,input,output\n0,100,10\n1,4090,10\n2,100,10\n")}`,
    );
    expect(requests).toEqual({ arrived: 3, completed: 2, rejected: 1, preempted: 0 });
    await expect(run(`--model llama-2-7b --trace ${path}`)).rejects.toThrow(/past the 4096 of llama-2-7b's context/);
  });

  it.each([
    [
      "0,100,10\n10,100,10\n5,100,10",
      "line 4, arrival: 5 (out of order: 5.00 s before the row with the latest arrival so far)",
    ],
    ["0,100,10\n0,abc,10", "line 3, input: abc (wants a whole number of tokens, at least 1)"],
    ["0,100,0", "line 2, output: 0 (wants a whole number of tokens, at least 1)"],
    ["x,100,10", "line 2, arrival: x ("],
    ["", "no request (wants a row at least below the header)"],
    ["3,100,10", "invalid trace: "],
    ["3,100,10\n3,100,10", "has a single moment of arrival: no rate follows from it"],
  ])("refuses %j", async (rows, message) => {
    await expect(run(`${model} ${written("bad.csv", `arrival,input,output\n${rows}\n`)}`)).rejects.toThrow(message);
  });

  it("refuses a file without one of its columns, with those found and those known, and one with lengths beside it", async () => {
    const path = written("lacking.csv", "arrival,input\n0,100\n");
    await expect(run(`${model} ${path}`)).rejects.toThrow(
      "no column of output tokens (found arrival, input; known are output, output_tokens,",
    );
    await expect(run(`${model} ${path} --input 100`)).rejects.toThrow(
      "invalid input: 100 (contradicts trace, which has its own)",
    );
  });
});

describe("ridgepoint simulate refuses", () => {
  it.each([
    [
      `${small} --hardware h100-sxm,h200`,
      "invalid hardware: h100-sxm,h200 (wants one kind of device: a simulation runs one fleet)",
    ],
    [`${small} --tensor-parallel 1,2`, "invalid tensorParallel: 1,2 (wants one number: a simulation runs one fleet)"],
    [`${small} --tensor-parallel 3`, "invalid tensorParallel: 3 (must divide heads 32)"],
    [`${small} --tensor-parallel x`, "invalid tensorParallel: x (wants a positive whole number"],
    [`${small} --replicas 0`, "invalid replicas: 0 (wants a positive whole number"],
    [`${small} --replicas 1e6`, "invalid replicas: 1000000 (wants at most 10,000 in a simulation)"],
    [`${small} --queue-limit 0`, "invalid queueLimit: 0 (wants a positive whole number)"],
    [`${small} --balancer fair`, "invalid balancer: fair (wants least-loaded or round-robin)"],
    [`${small} --start together`, "invalid start: together (goes with --users: a rate's requests come by themselves)"],
    [`${small} --start x`, "invalid start: x (wants spread or together)"],
    [`${small} --seed -1`, "invalid seed: -1 (wants a whole number, 0 or more)"],
    [`${small} --seed 1.5`, "invalid seed: 1.5 (wants a whole number, 0 or more)"],
    [`${small} --requests 0`, "invalid requests: 0 (wants a positive whole number"],
    [`${small} --weights bf16,fp8`, "invalid weights: bf16,fp8 (wants one format: a simulation runs one fleet)"],
    [
      `${small} --hardware i9-13900k --tensor-parallel 2`,
      "invalid hardware: i9-13900k (has no link to other devices, and 2 are asked for)",
    ],
    [`${small} --hardware h101-sxm`, "invalid hardware: h101-sxm (did you mean h100-sxm?"],
    [`${small} --model llama-3.1-7b`, "invalid model: llama-3.1-7b (did you mean llama-3.1-70b?"],
    [`${small} --engine vlm`, "did you mean vllm?)"],
    [`${small} --percentile 100`, "invalid percentile: 100 (wants 50 to 99.9)"],
    [`${small} --chart run.gif`, "invalid chart: run.gif (wants a file that ends with .svg, .png, .html or .vl.json)"],
    [`${small} --chart-kind pie`, "invalid chartKind: pie (wants timeline or latency)"],
  ])("%s", async (line, message) => {
    await expect(run(line)).rejects.toThrow(message);
  });
});
