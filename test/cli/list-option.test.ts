import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maxListValues, numberList, wordList } from "../../src/cli/list-option.ts";

describe("numberList", () => {
  it("reads numbers, factors and steps, each value once and in order", () => {
    expect(numberList("batch", "64")).toEqual([64]);
    expect(numberList("batch", " 1, 16 ,64")).toEqual([1, 16, 64]);
    expect(numberList("batch", "1..1024*2")).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
    expect(numberList("context", "512..2048+512")).toEqual([512, 1024, 1536, 2048]);
    expect(numberList("batch", "1..4")).toEqual([1, 2, 3, 4]);
    expect(numberList("batch", "1..10*3,5,1..2")).toEqual([1, 3, 9, 5, 2]);
    expect(numberList("batch", "4_096,1e3")).toEqual([4096, 1000]);
    expect(numberList("batch", "7..7")).toEqual([7]);
    expect(numberList("batch", 8)).toEqual([8]);
  });

  it("ends a range at or before its last number, and never overflows", () => {
    expect(numberList("batch", "3..10*2")).toEqual([3, 6]);
    expect(numberList("batch", "1..1000000000000*1000000000")).toEqual([1, 1e9]);
  });

  it.each([
    ["", 'invalid batch: nothing (wants numbers and ranges such as "1,16,64", "1..1024*2" or "512..8192+512")'],
    ["1,,2", "invalid batch: 1,,2 (wants numbers and ranges"],
    ["0", "invalid batch: 0 (wants a positive whole number up to 1,000,000,000,000)"],
    ["-1", "invalid batch: -1 (wants a positive whole number up to 1,000,000,000,000)"],
    ["1.5", "invalid batch: 1.5 (wants a positive whole number up to 1,000,000,000,000)"],
    ["NaN", "invalid batch: NaN (wants a positive whole number up to 1,000,000,000,000)"],
    ["1e400", "invalid batch: 1e400 (wants a positive whole number up to 1,000,000,000,000)"],
    ["8..1", "invalid batch: 8..1 (a range runs from the smaller number to the larger)"],
    ["1..8*1", "invalid batch: 1..8*1 (a range's factor is at least 2)"],
    ["1..8+0", "invalid batch: 0 (wants a positive whole number up to 1,000,000,000,000)"],
    ["1..2..3", "invalid batch: 1..2..3 (wants numbers and ranges"],
    ["..8", "invalid batch: ..8 (wants numbers and ranges"],
    ["1..", "invalid batch: 1.. (wants numbers and ranges"],
    ["1..1000000000001", "1000000000001 (wants a positive whole number up to"],
    ["1..1000000000000", "stands for more than 100,000 values"],
  ])("refuses %s in one line", (text, message) => {
    expect(() => numberList("batch", text)).toThrow(message);
  });

  it("takes 100,000 values and not one more", () => {
    expect(numberList("batch", `1..${maxListValues}`)).toHaveLength(maxListValues);
    expect(() => numberList("batch", `1..${maxListValues + 1}`)).toThrow("100,000");
    expect(() => numberList("batch", `1..${maxListValues},200000`)).toThrow("100,000");
  });

  it("gives positive whole numbers or an InvalidInput, whatever is typed", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.,*+e -]{0,20}$/), (text) => {
        try {
          for (const value of numberList("batch", text)) expect(Number.isSafeInteger(value) && value > 0).toBe(true);
        } catch (error) {
          expect((error as Error).name).toBe("InvalidInput");
        }
      }),
    );
  });
});

describe("wordList", () => {
  it("trims, keeps the order, and each word once", () => {
    expect(wordList("attention", "mha, gqa:8 ,mqa,mha")).toEqual(["mha", "gqa:8", "mqa"]);
  });

  it("refuses an empty word", () => {
    expect(() => wordList("attention", "")).toThrow(
      "invalid attention: nothing (wants words with commas between them)",
    );
    expect(() => wordList("attention", "mha,")).toThrow("invalid attention: mha,");
    expect(() => wordList("attention", undefined)).toThrow("wants words");
  });
});
