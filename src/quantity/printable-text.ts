/**
 * Text from files and arguments made safe for one line of a terminal and for XML: no control characters (among them the
 * escape that begins ANSI sequences), no marks that turn the direction of writing, nothing without width, no lone surrogates.
 */

/** C0, delete and C1; lone surrogates; zero-width and direction marks; line and paragraph separators; noncharacters. */
const unprintable =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]/u;
const everyUnprintable = new RegExp(unprintable.source, "gu");

/** Whether a text is one line without such characters. */
export function isPrintable(text: string): boolean {
  return !unprintable.test(text);
}

/** The text on one line: white space becomes one space, what cannot be printed is left out. @example "a\u001bb\nc" is "ab c" */
export function printableText(text: string): string {
  return oneLine(text).replace(everyUnprintable, "").replace(/ +/g, " ").trim();
}

/** The text on one line, its spaces as they are; what cannot be printed spelled as its code. @example "a\u001bb" is "a\\x1bb" */
export function escapeUnprintable(text: string): string {
  return oneLine(text).replace(everyUnprintable, codeOf);
}

function oneLine(text: string): string {
  return text.replace(/[\t\n\r\u2028\u2029]+/g, " ");
}

function codeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
