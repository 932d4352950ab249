import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../src/cli/commands/generate.ts";
import { runCommand } from "../support/run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("ridgepoint generate", () => {
  it("prints times, where they go, and some of the steps", async () => {
    const { code, stdout } = await runCommand(generate, ["--timing", "roofline"]);
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("golden/generate.txt");
  });

  it("exits with 3 and says at which token memory runs out", async () => {
    const { code, stdout } = await runCommand(generate, ["--batch", "128", "--output", "200"]);
    expect(code).toBe(3);
    expect(stdout).toContain("runs out of memory at token 68 of 200 (context 1067): needs 85.1 GB, has 85.0 GB");
    expect(stdout).not.toContain("tokens/s");
  });

  it("prints JSON without a speed where it does not fit", async () => {
    const { code, stdout } = await runCommand(generate, ["--batch", "128", "--output", "200", "--json"]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      fits: false,
      ttftSeconds: null,
      tokensPerSecond: null,
      outOfMemory: { token: 68, context: 1067 },
    });
  });

  it("prints a CSV row a step", async () => {
    const { stdout } = await runCommand(generate, ["--input", "10", "--output", "5", "--csv"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("phase,token,context,seconds,secondsIfItFitted,lowerBoundSeconds,bound,memoryBytes,fits");
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/^prefill,1,10,/);
    expect(lines[5]).toMatch(/^decode,5,14,/);
  });

  it("writes the chart as the file's ending says", async () => {
    const svg = join(folder, "request.svg");
    const spec = join(folder, "request.vl.json");
    expect((await runCommand(generate, ["--output", "20", "--chart", svg])).stderr).toBe(`wrote ${svg}\n`);
    await runCommand(generate, ["--output", "2000", "--chart", spec]);
    expect(await readFile(svg, "utf8")).toMatch(/^<svg/);
    const values = JSON.parse(await readFile(spec, "utf8")).data.values;
    expect(values.length).toBeLessThanOrEqual(501);
    expect(values.at(-1)).toMatchObject({ token: 2000 });
  });

  it("draws nothing of what does not fit", async () => {
    const path = join(folder, "none.svg");
    const { code, stderr } = await runCommand(generate, ["--batch", "128", "--output", "200", "--chart", path]);
    expect(code).toBe(3);
    expect(stderr).toBe("no chart drawn: the request does not fit\n");
    await expect(readFile(path)).rejects.toThrow("ENOENT");
  });

  it.each([
    [["--query-tokens", "2"], "invalid queryTokens: 2 (generate decodes one token a step; see `ridgepoint step`)"],
    [["--phase", "prefill"], "invalid phase: prefill (generate runs both phases; see `ridgepoint step`)"],
    [["--source-context", "5"], "invalid sourceContext: 5 (generate takes it from --input)"],
    [["--input", "0"], "invalid input: 0 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--output", "1e400"], "invalid output: 1e400 (wants a positive whole number up to 1,000,000,000,000)"],
    [["--chart", "x.gif"], "invalid chart: x.gif (wants a file that ends with .svg, .png, .html or .vl.json)"],
  ])("refuses %j", async (words, message) => {
    await expect(runCommand(generate, words)).rejects.toThrow(message);
  });
});
