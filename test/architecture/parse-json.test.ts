import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonSyntaxError } from "../../src/architecture/json-syntax-error.ts";
import { maxJsonCharacters, parseJson } from "../../src/architecture/parse-json.ts";

describe("parseJson", () => {
  it("gives back what JSON.stringify wrote, for any JSON value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        // Keys that reach prototypes are dropped; their own test is below.
        if (/__proto__|constructor|prototype/.test(text)) return;
        expect(parseJson(text, "config.json")).toEqual(JSON.parse(text));
      }),
    );
  });

  it("says line and column of a syntax error", () => {
    expect(() => parseJson('{\n  "layers": 32,\n  "heads": }', "config.json")).toThrow(
      "invalid config.json: JSON syntax error at line 3, column 12 (wants a value)",
    );
    expect(() => parseJson('{"a": 1,}', "config.json")).toThrow("line 1, column 9 (wants a key in double quotes)");
    expect(() => parseJson('{"a": 1', "config.json")).toThrow("line 1, column 8 (wants a comma or })");
    expect(() => parseJson("", "config.json")).toThrow("line 1, column 1 (wants a value)");
    expect(() => parseJson("[1] x", "config.json")).toThrow("line 1, column 5 (wants the end of the text)");
  });

  it("reads the literals that Python writes as null, outside strings only", () => {
    expect(parseJson('{"a": Infinity, "b": [-Infinity, NaN], "c": "NaN \\" Infinity"}', "config.json")).toEqual({
      a: null,
      b: [null, null],
      c: 'NaN " Infinity',
    });
    expect(() => parseJson('{"a": xNaN}', "config.json")).toThrow("JSON syntax error");
    expect(parseJson('{"a": -5, "b": NaN}', "config.json")).toEqual({ a: -5, b: null });
    expect(() => parseJson('{"a": Nan, "b": NaN}', "config.json")).toThrow("line 1, column 7 (wants a value)");
  });

  it("refuses or drops keys that reach into prototypes", () => {
    const text = '{"a": {"__proto__": {"layers": 1}, "constructor": 2, "b": 3}}';
    expect(() => parseJson(text, "model profile")).toThrow("invalid model profile: the key __proto__ (is not allowed)");
    expect(parseJson(text, "config.json", "drop")).toEqual({ a: { b: 3 } });
    expect(({} as { layers?: number }).layers).toBeUndefined();
  });

  it("limits size and depth", () => {
    expect(() => parseJson(" ".repeat(maxJsonCharacters + 1), "config.json")).toThrow("5000001 characters");
    expect(parseJson(`${"[".repeat(64)}${"]".repeat(64)}`, "config.json")).toBeDefined();
    expect(() => parseJson(`${"[".repeat(65)}${"]".repeat(65)}`, "config.json")).toThrow("wants at most 64 levels");
    expect(() => parseJson("[".repeat(1_000_000), "config.json")).toThrow("wants at most 64 levels");
  });

  it("reads a byte order mark as blank", () => {
    expect(parseJson("\uFEFF{}", "config.json")).toEqual({});
  });
});

describe("findJsonSyntaxError", () => {
  it("agrees with JSON.parse on whether a text is JSON", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      '"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "nul",
      " ",
      "\n",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        expect(findJsonSyntaxError(text, 64) === null).toBe(isJson);
      }),
      { numRuns: 2000 },
    );
  });
});
