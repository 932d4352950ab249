import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTrace } from "../../src/files/load-trace.ts";
import { namedPipe } from "../support/device-copy.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ridgepoint-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const three = {
  arrivalSeconds: Float64Array.of(0, 0.5, 2),
  inputTokens: Uint32Array.of(374, 396, 879),
  outputTokens: Uint32Array.of(44, 109, 55),
};

describe("loadTrace", () => {
  it.each([
    ["plain.csv", "arrival,input,output\n10,374,44\n10.5,396,109\n12,879,55\n"],
    ["no-last-end.csv", "arrival,input,output\n10,374,44\n10.5,396,109\n12,879,55"],
    [
      "azure.csv",
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.2500000,374,44\r\n2023-11-16 18:15:46.7500000,396,109\r\n2023-11-16 18:15:48.2500000,879,55\r\n",
    ],
    [
      "quoted.csv",
      '\uFEFF"id","Output Tokens","Notes, if any","Input Tokens","arrival_ms"\n"a,b",44,0,374,1000\n\n"c ""d""",109,0,"396",1500\n"e",55,0,879,3000\n',
    ],
    [
      "mooncake.jsonl",
      '{"timestamp": 3000, "input_length": 374, "output_length": 44, "hash_ids": [1, 2]}\n{"output_length": 109, "input_length": 396, "timestamp": 3500}\n{"timestamp": 5000, "input_length": 879, "output_length": 55}\n',
    ],
  ])("reads %s", async (name, text) => {
    const { trace, notes } = await loadTrace(file(name, text));
    expect(trace).toEqual({ name: join(folder, name), ...three });
    expect(notes).toEqual([]);
  });

  it("reads a million rows into 16 bytes a row, the last as it stands", async () => {
    const count = 1_000_000;
    const rows = Array.from({ length: count }, (_, i) => `${(i / 8).toFixed(3)},${1 + (i % 3000)},${1 + (i % 700)}`);
    const path = file("million.csv", `arrival,input,output\n${rows.join("\n")}\n`);
    const { trace, notes } = await loadTrace(path);
    const columns = [trace.arrivalSeconds, trace.inputTokens, trace.outputTokens];
    expect(columns.map(({ length }) => length)).toEqual([count, count, count]);
    expect(columns.reduce((bytes, { buffer }) => bytes + buffer.byteLength, 0)).toBe(16 * count);
    expect(trace.arrivalSeconds[count - 1]).toBe((count - 1) / 8);
    expect([trace.inputTokens[count - 1], trace.outputTokens[count - 1]]).toEqual([1000, 400]);
    expect(notes).toEqual([]);
  });

  it("counts lines over pieces of the file, and keeps signs that a piece cuts in two", async () => {
    const row = `1,1,1,${"é".repeat(2000)}\n`;
    const path = file("long.csv", `arrival,input,output,text\n${row.repeat(200)}2,1,zero,\n`);
    await expect(loadTrace(path)).rejects.toThrow(`invalid ${path} line 202, output: zero`);
    const good = file("good.csv", `arrival,input,output,text\n${row.repeat(200)}`);
    expect((await loadTrace(good)).trace.arrivalSeconds).toHaveLength(200);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ["empty.csv", "", /^invalid trace: .*empty\.csv \(the file is empty\)$/],
    ["header.csv", "arrival,input,output\n\n", /header\.csv: no request \(wants a row at least below the header\)$/],
    [
      "column.csv",
      "arrival,prompt,output\n1,1,1\n",
      /no column of input tokens \(found arrival, prompt, output; known/,
    ],
    ["zero.csv", "arrival,input,output\n1,1,1\n2,0,1\n", /zero\.csv line 3, input: 0 \(wants a whole number of tokens/],
    ["order.csv", "arrival,input,output\n9,1,1\n\n2,1,1\n", /line 4, arrival: 2 \(out of order: 7\.00 s before/],
    ["quote.csv", 'arrival,input,output\n1,"1,1\n', /line 2.*a quote is never closed/],
    [
      "object.jsonl",
      '{"timestamp": 1, "input_length": 1, "output_length": 1}\n{"timestamp": 2,\n',
      /line 2: .*wants a JSON object/,
    ],
    ["number.jsonl", '{"timestamp": 1, "input_length": 1, "output_length": 1}\n5\n', /line 2: 5 \(wants a JSON object/],
    [
      "lacks.jsonl",
      '{"timestamp": 1, "input_length": 1, "output_length": 1}\n{"timestamp": 2}\n',
      /line 2, input: nothing/,
    ],
    ["list.json", '[{"timestamp": 1}]\n', /no column of arrival times/],
    ["bytes.csv", Uint8Array.of(0x61, 0xff, 0x0a), /\(not a text file in UTF-8\)$/],
    ["cut.csv", Uint8Array.of(0x61, 0xc3), /\(not a text file in UTF-8\)$/],
    ["endless.csv", "x".repeat(4_300_000), /line 1: x+\.\.\. \(the line is too long\)$/],
  ])("refuses %s in one line", async (name, content, message) => {
    const failed = await loadTrace(file(name, content)).catch((error) => error);
    expect(failed).toMatchObject({ code: "INVALID_INPUT" });
    expect(failed.message).toMatch(message);
    expect(failed.message).not.toContain("\n");
  });

  it("names a file that is not there, a folder, and a pipe that nobody writes to", async () => {
    await expect(loadTrace(join(folder, "none.csv"))).rejects.toThrow(/^invalid trace: .*none\.csv \(no such file\)$/);
    await expect(loadTrace(folder)).rejects.toThrow(/wants a regular file/);
    const pipe = namedPipe(folder, "pipe.csv");
    if (pipe !== null) await expect(loadTrace(pipe)).rejects.toThrow(/wants a regular file/);
  });
});
