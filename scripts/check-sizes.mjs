/**
 * Holds what the program and the library load under their limits, from the bundler's own record (dist/bundle-sizes.json).
 * `npm run sizes`; exit code 1 where a limit is missed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What `ridgepoint step` loads: entry, command, profiles and all they import. */
export const stepLimitBytes = 400_000;
/** What `import "ridgepoint"` loads in a browser. */
export const coreLimitGzipBytes = 60_000;

/**
 * The limits against a record of sizes.
 * @param {{ entries: Record<string, { bytes: number, gzipBytes: number, files: any[] }>, step: any }} sizes
 * @returns {{ name: string, bytes: number, limit: number, fits: boolean }[]}
 */
export function sizeChecks(sizes) {
  const core = sizes.entries["index.js"];
  const checks = [];
  if (sizes.step !== null) checks.push(check("ridgepoint step, bytes", sizes.step.bytes, stepLimitBytes));
  if (core !== undefined) checks.push(check("library core, gzipped bytes", core.gzipBytes, coreLimitGzipBytes));
  return checks;
}

function check(name, bytes, limit) {
  return { name, bytes, limit, fits: bytes < limit };
}

/** The record as lines: each limit, then the files behind it, largest first. */
export function sizeTable(sizes) {
  const lines = sizeChecks(sizes).map(
    ({ name, bytes, limit, fits }) =>
      `${name.padEnd(40)}${grouped(bytes)} of ${grouped(limit)}${fits ? "" : "  over the limit"}`,
  );
  const parts = [
    ["ridgepoint step loads", sizes.step?.files ?? []],
    ["the library's core loads", sizes.entries["index.js"]?.files ?? []],
  ];
  for (const [title, files] of parts) {
    lines.push("", `${title.padEnd(40)}     bytes   gzipped`);
    for (const { file, bytes, gzipBytes } of [...files].sort((a, b) => b.bytes - a.bytes)) {
      lines.push(`  ${file.padEnd(38)}${grouped(bytes)}${grouped(gzipBytes)}`);
    }
  }
  return lines.join("\n");
}

function grouped(bytes) {
  return bytes.toLocaleString("en-US").padStart(10);
}

if (process.argv[1] === import.meta.filename) {
  const path = join(import.meta.dirname, "..", "dist", "bundle-sizes.json");
  if (existsSync(path)) {
    const sizes = JSON.parse(readFileSync(path, "utf8"));
    console.log(sizeTable(sizes));
    const missing = [
      ...(sizes.step === null ? ["cli/ridgepoint.js"] : []),
      ...(sizes.entries["index.js"] ? [] : ["index.js"]),
    ];
    for (const name of missing) console.error(`dist/${name} was not built`);
    if (missing.length > 0 || sizeChecks(sizes).some(({ fits }) => !fits)) process.exitCode = 1;
  } else {
    console.error("dist/bundle-sizes.json is missing: run `npm run build` first");
    process.exitCode = 1;
  }
}
