/**
 * What the page's sources keep: the library through its faces alone, no markup made of text, no code made of text, no network.
 * `npm test` runs them through test/web/web-rules.test.ts.
 */

/** The library by its names; what Node needs is not among them. */
const faces = new Set(["index.ts", "planning.ts", "profiles.ts", "drawing.ts", "measuring.ts"]);
const packages = new Set(["vega", "vega-lite", "vega-interpreter"]);
const maximumLines = 300;

/** Text that has no place in the page, and why. */
const forbidden = [
  [/\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc)\b/, "makes markup of text"],
  [/\b(eval|new Function)\s*\(/, "makes code of text"],
  [/\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon)\s*\(/, "reaches for the network"],
  [/\.setAttribute\("style"/, "sets a style that the policy forbids"],
  [/https?:\/\//, "names another host"],
];

/**
 * Every broken rule, one line each.
 * @param {ReadonlyMap<string, string>} sources text by path inside web/src/
 * @returns {string[]}
 */
export function webViolations(sources) {
  const found = [];
  for (const [path, text] of sources) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path)) found.push(`web/src/${path} is not in kebab-case, or in a folder`);
    const lines = text.replace(/\n$/, "").split("\n").length;
    if (lines > maximumLines) found.push(`web/src/${path} has ${lines} lines (at most ${maximumLines})`);
    for (const [, target] of text.matchAll(/(?:from |import\()\s*"([^"]+)"/g)) {
      const isOwn = target.startsWith("./") && sources.has(target.slice(2));
      const face = /^ridgepoint(?:\/(\w+))?$/.exec(target);
      const isFace = face !== null && faces.has(`${face[1] ?? "index"}.ts`);
      if (!isOwn && !isFace && !packages.has(target)) {
        found.push(`web/src/${path} imports ${target} (only the page's own files, the library's faces and vega)`);
      }
    }
    const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const [pattern, what] of forbidden) {
      if (pattern.test(code)) found.push(`web/src/${path} ${what}: ${pattern.exec(code)[0]}`);
    }
  }
  return found;
}
