/**
 * Where JSON text breaks the grammar. Node 20's own message often gives no position, so the text is checked here first.
 * Source: RFC 8259.
 */
export interface JsonSyntaxError {
  /** Offset of the first character that cannot stand where it does; the text's length at an early end. */
  readonly index: number;
  /** What could have stood there. */
  readonly wants: string;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;
const blank = /[ \t\r\n]*/y;

/**
 * The first fault of a JSON text, or null for well-formed text.
 * @example findJsonSyntaxError('{"a": }', 64) is { index: 6, wants: "wants a value" }
 */
export function findJsonSyntaxError(text: string, maxDepth: number): JsonSyntaxError | null {
  // What each open bracket is; the loop alternates between "a value is due" and "a value has ended".
  const open: ("{" | "[")[] = [];
  let i = skip(0);
  let valueDue = true;
  for (;;) {
    if (valueDue) {
      const c = text[i];
      if (c === "{" || c === "[") {
        if (open.length === maxDepth) return { index: i, wants: `wants at most ${maxDepth} levels of nesting` };
        open.push(c);
        i = skip(i + 1);
        if (text[i] === (c === "{" ? "}" : "]")) {
          open.pop();
          i = skip(i + 1);
          valueDue = false;
        } else if (c === "{") {
          const fault = key();
          if (fault !== null) return fault;
        }
        continue;
      }
      const end = c === '"' ? stringEnd(text, i) : scalarEnd(i);
      if (typeof end !== "number") return end;
      i = skip(end);
      valueDue = false;
    } else {
      const bracket = open.at(-1);
      if (bracket === undefined) return i === text.length ? null : { index: i, wants: "wants the end of the text" };
      const c = text[i];
      if (c === ",") {
        i = skip(i + 1);
        valueDue = true;
        if (bracket === "{") {
          const fault = key();
          if (fault !== null) return fault;
        }
      } else if (c === (bracket === "{" ? "}" : "]")) {
        open.pop();
        i = skip(i + 1);
      } else {
        return { index: i, wants: bracket === "{" ? "wants a comma or }" : "wants a comma or ]" };
      }
    }
  }

  function key(): JsonSyntaxError | null {
    if (text[i] !== '"') return { index: i, wants: "wants a key in double quotes" };
    const end = stringEnd(text, i);
    if (typeof end !== "number") return end;
    i = skip(end);
    if (text[i] !== ":") return { index: i, wants: "wants a colon" };
    i = skip(i + 1);
    return null;
  }

  function skip(from: number): number {
    blank.lastIndex = from;
    blank.test(text);
    return blank.lastIndex;
  }

  function scalarEnd(from: number): number | JsonSyntaxError {
    for (const pattern of [number, literal]) {
      pattern.lastIndex = from;
      if (pattern.test(text)) return pattern.lastIndex;
    }
    return { index: from, wants: "wants a value" };
  }
}

/** Offset after the closing quote of the string that opens at `from`, or its fault. */
function stringEnd(text: string, from: number): number | JsonSyntaxError {
  let i = from + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === 0x22) return i + 1;
    if (c < 0x20) return { index: i, wants: "wants no line break or control character in a string" };
    if (c === 0x5c) {
      const escaped = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(i + 1, i + 6));
      if (escaped === null) return { index: i, wants: "wants an escape that JSON knows" };
      i += escaped[0].length;
    }
    i += 1;
  }
  return { index: text.length, wants: "wants the closing quote of a string" };
}
