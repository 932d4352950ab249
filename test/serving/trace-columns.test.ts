import { describe, expect, it } from "vitest";
import { traceColumnsOf } from "../../src/serving/trace-columns.ts";

describe("traceColumnsOf", () => {
  it.each([
    ["arrival,input,output", [0, 1, 2, 1]],
    ["TIMESTAMP,ContextTokens,GeneratedTokens", [0, 1, 2, 1]],
    ["arrived_at,num_prefill_tokens,num_decode_tokens", [0, 1, 2, 1]],
    ["id, Output Tokens, Arrival (ms), Input Tokens", [2, 3, 1, 1e-3]],
    ["arrival_s,isl,osl", [0, 1, 2, 1]],
    ["arrivalSeconds,inputTokens,outputTokens", [0, 1, 2, 1]],
    ["Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type", [0, 2, 3, 1]],
    ["prompt_tokens,completion_tokens,timestamp_ms", [2, 0, 1, 1e-3]],
    ["timestamp_us,input,output", [0, 1, 2, 1e-6]],
  ])("knows %s", (header, [arrival, input, output, arrivalUnitSeconds]) => {
    expect(traceColumnsOf(header.split(","), "t.csv")).toEqual({ arrival, input, output, arrivalUnitSeconds });
  });

  it("takes a bare timestamp of JSON lines as milliseconds, and no other", () => {
    const unit = (name: string): number =>
      traceColumnsOf([name, "input_length", "output_length"], "t.jsonl", 1e-3).arrivalUnitSeconds;
    expect([unit("timestamp"), unit("timestamp_s"), unit("arrival"), unit("timestamp_ms")]).toEqual([1e-3, 1, 1, 1e-3]);
  });

  it.each([
    [
      "time_of_day,input,output",
      /^invalid t\.csv: no column of arrival times \(found time_of_day, input, output; known are arrival, /,
    ],
    [
      "arrival,tokens,output",
      /no column of input tokens \(found arrival, tokens, output; known are input, .*context_tokens/,
    ],
    ["arrival,input", /no column of output tokens \(found arrival, input; known are output, .*completion_tokens/],
    ["", /found none; known are/],
    [Array.from({ length: 20 }, (_, i) => `c${i}`).join(","), /c11 and 8 more; known/],
  ])("names what %s lacks", (header, message) => {
    expect(() => traceColumnsOf(header.split(","), "t.csv")).toThrow(message);
  });
});
