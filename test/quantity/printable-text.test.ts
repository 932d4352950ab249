import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeUnprintable, isPrintable, printableText } from "../../src/quantity/printable-text.ts";

test("names lose control characters, and stay on one line", () => {
  expect(printableText(" a\u001b[31mb\r\nc\td ")).toBe("a[31mb c d");
  expect(printableText("Größe 模型 🙂")).toBe("Größe 模型 🙂");
  expect(printableText("\ufeffa\u202eb\u200bc\ud800")).toBe("abc");
});

test("messages spell them as codes, and keep their spaces", () => {
  expect(escapeUnprintable("a\u001bb\u007f\u009b")).toBe("a\\x1bb\\x7f\\x9b");
  expect(escapeUnprintable("a\u202eb\u200e\u061c\ufeff")).toBe("a\\u202eb\\u200e\\u061c\\ufeff");
  expect(escapeUnprintable("    at x\ny")).toBe("    at x y");
});

test.each([
  ...[0x00, 0x07, 0x0a, 0x1b, 0x1f, 0x7f, 0x80, 0x9b, 0x9f, 0x061c, 0x200b, 0x200e, 0x200f, 0x2028],
  ...[0x202a, 0x202e, 0x2066, 0x2069, 0xd800, 0xfeff, 0xffff],
])("code %i is not printable", (code) => {
  expect(isPrintable(`a${String.fromCharCode(code)}b`)).toBe(false);
});

test("whatever the text, both results are printable", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(isPrintable(printableText(text))).toBe(true);
      expect(isPrintable(escapeUnprintable(text))).toBe(true);
      expect(printableText(printableText(text))).toBe(printableText(text));
    }),
  );
});
